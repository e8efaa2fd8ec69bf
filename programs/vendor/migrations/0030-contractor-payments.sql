-- Why: what the contractor paid is an event like all else, so that the statements of both companies match it too.
-- Payments booked before this are in the ledger only and no statement has them.
-- Lock: none on existing tables.

create table contractor_payment (
  id uuid primary key,
  currency text not null,
  amount_milli bigint not null,
  reference text not null,
  booked_at timestamptz not null,
  constraint contractor_payment_positive check (amount_milli > 0)
);

create or replace view own_event as
select 'contractor'::text as counterparty,
       case
         when c.kind = 'refund' then 'refund:' || c.id
         when c.order_id is not null then 'order:' || c.order_id
         when c.month is null then 'license-fee:' || c.registration_id
         else 'license-month:' || c.registration_id || ':' || c.month
       end as event,
       c.settled_at as at,
       case c.kind when 'license-fee' then 'license fee' else c.kind end as description,
       c.currency,
       c.amount_milli as amount
from claim c
where c.state = 'accrued'
  and c.amount_milli <> 0
union all
select 'contractor'::text, 'cancelled:' || g.event, g.given_up_at, 'cancelled', g.currency, -g.amount_milli
from given_up g
union all
select 'contractor'::text, t.event, t.booked_at, 'tax and rounding', t.currency, t.tax_milli + t.rounding_milli
from claim_total t
where t.tax_milli + t.rounding_milli <> 0
union all
select 'contractor'::text, 'payment:' || p.id, p.booked_at, 'payment', p.currency, -p.amount_milli
from contractor_payment p;
