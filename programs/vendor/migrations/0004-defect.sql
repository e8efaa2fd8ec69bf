-- Why: the vendor's user database and its own ledger must agree at every instant. The view is empty then; it reads
-- everything, so it is for tests, the nightly check and the operator, not for a request.
-- Lock: none.

create view vendor_defect as
select 'claims-not-receivable' as name, coalesce(c.currency, b.commodity) || ': claims ' || coalesce(c.amount, 0) || ', receivable ' || coalesce(b.amount, 0) as detail
from (
  select currency, sum(amount_milli) as amount
  from claim
  where state = 'accrued'
  group by currency
) c
full join (
  -- What the contractor was ever charged: payments do not lessen it.
  select a.commodity, sum(p.amount) as amount
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  where a.code = 'receivable:contractor'
    and p.amount > 0
  group by a.commodity
) b on b.commodity = c.currency
where coalesce(c.amount, 0) <> coalesce(b.amount, 0)

union all
select 'orders-not-sales', coalesce(o.currency, b.commodity) || ': orders ' || coalesce(o.amount, 0) || ', sales ' || coalesce(b.amount, 0)
from (
  select currency, sum(price_milli) as amount
  from service_order
  where state = 'completed'
  group by currency
  having sum(price_milli) <> 0
) o
full join (
  select a.commodity, -sum(p.amount) as amount
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  where a.code = 'revenue:sales'
  group by a.commodity
) b on b.commodity = o.currency
where coalesce(o.amount, 0) <> coalesce(b.amount, 0)

union all
select 'discount-not-claimed', o.id::text
from service_order o
left join claim c on c.order_id = o.id
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
where r.registered_at is null;
