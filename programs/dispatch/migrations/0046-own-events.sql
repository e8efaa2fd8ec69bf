-- Why: what the contractor owes its vendors, event by event, under names that both companies can form by themselves: these are
-- what their daily statements are matched by.
-- Lock: none.

create view own_event as
select v.id::text as counterparty,
       case
         when c.order_id is not null then 'order:' || c.order_id
         when c.month is null then 'license-fee:' || c.registration_id
         else 'license-month:' || c.registration_id || ':' || c.month
       end as event,
       c.accepted_at as at,
       case c.kind when 'discount' then 'discount' else 'license fee' end as description,
       c.currency,
       c.amount_milli as amount
from claim c
join vendor v on v.number = c.vendor_number
where c.state = 'accrued'
  and c.amount_milli <> 0;
