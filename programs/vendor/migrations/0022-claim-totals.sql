-- Why: the total of a self-billed claim is whole coins and carries tax; what that is beyond the sum of its confirmed lines is
-- booked here too, once, under the contractor's name for it.
-- Lock: none on existing tables.

create table claim_total (
  event text collate "C" primary key,
  currency text not null,
  tax_milli bigint not null,
  rounding_milli bigint not null,
  booked_at timestamptz not null
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
where t.tax_milli + t.rounding_milli <> 0;

-- As before; tax and rounding of claims are no claims of ours.
create or replace view vendor_defect as
select 'claims-not-receivable' as name, coalesce(c.currency, b.commodity) || ': claims ' || coalesce(c.amount, 0) || ', receivable ' || coalesce(b.amount, 0) as detail
from (
  select currency, sum(amount_milli) as amount
  from claim
  where state = 'accrued'
    and kind <> 'refund'
  group by currency
) c
full join (
  -- What the contractor was ever charged: payments do not lessen it.
  select a.commodity, sum(p.amount) as amount
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  join ledger.command m on m.id = p.journal_id
  where a.code = 'receivable:contractor'
    and p.amount > 0
    and m.event <> 'claim-total'
  group by a.commodity
) b on b.commodity = c.currency
where coalesce(c.amount, 0) <> coalesce(b.amount, 0)

union all
select 'orders-not-sales', coalesce(o.currency, b.commodity) || ': orders ' || coalesce(o.amount, 0) || ', sales ' || coalesce(b.amount, 0)
from (
  select currency, sum(price_milli - refunded_milli) as amount
  from service_order
  where state = 'completed'
  group by currency
  having sum(price_milli - refunded_milli) <> 0
) o
full join (
  select a.commodity, -sum(p.amount) as amount
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  where a.code = 'revenue:sales'
  group by a.commodity
  having sum(p.amount) <> 0
) b on b.commodity = o.currency
where coalesce(o.amount, 0) <> coalesce(b.amount, 0)

union all
select 'discount-not-claimed', o.id::text
from service_order o
left join claim c on c.order_id = o.id and c.kind = 'discount'
where o.state = 'completed'
  and o.discount_milli <> coalesce(c.amount_milli, 0)

union all
select 'claim-without-completion', c.id::text
from claim c
join service_order o on o.id = c.order_id
where o.state <> 'completed'

union all
select 'license-without-confirmation', l.id::text
from license l
join registration r on r.id = l.registration_id
where r.registered_at is null

union all
select 'refunds-differ', o.id::text || ': refunded ' || o.refunded_milli || ' of ' || o.refunding_milli || ', refunds '
  || coalesce(r.done, 0) || ' of ' || coalesce(r.asked, 0)
from service_order o
left join (
  select order_id, sum(amount_milli) filter (where state = 'done') as done,
         sum(amount_milli) filter (where state <> 'refused') as asked,
         sum(discount_milli) filter (where state = 'done') as discount,
         sum(discount_milli) filter (where state <> 'refused') as asked_discount
  from order_refund
  group by order_id
) r on r.order_id = o.id
where o.refunded_milli <> coalesce(r.done, 0)
   or o.refunding_milli <> coalesce(r.asked, 0)
   or o.refunded_discount_milli <> coalesce(r.discount, 0)
   or o.refunding_discount_milli <> coalesce(r.asked_discount, 0)

union all
select 'refund-not-claimed', r.id::text || ': ' || r.state || ' ' || r.discount_milli || ', claimed ' || coalesce(-c.amount_milli, 0)
from order_refund r
left join claim c on c.id = r.id and c.kind = 'refund' and c.state = 'accrued'
where case r.state when 'done' then r.discount_milli else 0 end <> coalesce(-c.amount_milli, 0)

union all
select 'refunds-not-booked', coalesce(r.currency, b.commodity) || ': refunds ' || coalesce(r.discount, 0) || ', booked ' || coalesce(b.amount, 0)
from (
  select o.currency, sum(r.discount_milli) as discount
  from order_refund r
  join service_order o on o.id = r.order_id
  where r.state = 'done'
  group by o.currency
  having sum(r.discount_milli) <> 0
) r
full join (
  select a.commodity, -sum(p.amount) as amount
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  join ledger.command m on m.id = p.journal_id
  where a.code = 'receivable:contractor'
    and m.event = 'order-refunded'
  group by a.commodity
) b on b.commodity = r.currency
where coalesce(r.discount, 0) <> coalesce(b.amount, 0)

union all
select 'claim-totals-not-booked', 'totals ' || t.amount || ', booked ' || b.amount
from (
  select coalesce(sum(tax_milli + rounding_milli), 0) as amount
  from claim_total
) t
cross join (
  select coalesce(sum(p.amount), 0) as amount
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  join ledger.command m on m.id = p.journal_id
  where a.code = 'receivable:contractor'
    and m.event = 'claim-total'
) b
where t.amount <> b.amount;
