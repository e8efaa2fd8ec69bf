-- Why: a completed order can be refunded, in full or in part. What was paid by points goes back as points, so the contractor
-- owes that much less: a claim below zero.
-- Lock: access exclusive on service_order and claim for an instant each, for columns with a constant default, and while
-- their checks are read through once (a few hundred milliseconds for a million rows).

alter table service_order
  -- What was asked back of the price, and of that by points; and what of both is done.
  add column refunding_milli bigint not null default 0,
  add column refunding_discount_milli bigint not null default 0,
  add column refunded_milli bigint not null default 0,
  add column refunded_discount_milli bigint not null default 0,
  add constraint service_order_refunded_within check (
    0 <= refunded_milli and refunded_milli <= refunding_milli and refunding_milli <= price_milli
  ),
  add constraint service_order_refunded_discount_within check (
    0 <= refunded_discount_milli
    and refunded_discount_milli <= refunding_discount_milli
    and refunding_discount_milli <= discount_milli
    and refunding_milli - refunding_discount_milli <= charge_milli
  ),
  add constraint service_order_refunded_when_completed check (refunding_milli = 0 or state = 'completed');

--   pending ── the contractor gave the points back ──> done
--      └────── the contractor refuses ───────────────> refused
-- A refund of no points is done at once.
create table order_refund (
  id uuid primary key,
  number bigint generated always as identity unique,
  order_id uuid not null references service_order (id),
  -- Null where all that was left was asked for.
  asked_milli bigint,
  amount_milli bigint not null,
  points_milli bigint not null,
  discount_milli bigint not null,
  state text not null,
  reason jsonb,
  attempts int not null default 0,
  next_attempt_at timestamptz,
  requested_at timestamptz not null,
  ended_at timestamptz,
  constraint order_refund_state_known check (state in ('pending', 'done', 'refused')),
  constraint order_refund_amounts check (amount_milli > 0 and discount_milli between 0 and amount_milli),
  constraint order_refund_points_for_discount check ((points_milli = 0) = (discount_milli = 0)),
  constraint order_refund_ended check ((state = 'pending') = (ended_at is null))
);

-- For an order's refunds.
create index order_refund_order on order_refund (order_id);
-- For the loop.
create index order_refund_due on order_refund (next_attempt_at)
where state = 'pending';

-- A refund is a claim below zero under the same id.
alter table claim
  drop constraint claim_kind_known,
  drop constraint claim_subject,
  add constraint claim_kind_known check (kind in ('license-fee', 'discount', 'refund')),
  add constraint claim_subject check (
    (kind = 'license-fee' and registration_id is not null and order_id is null)
    or (kind in ('discount', 'refund') and order_id is not null and registration_id is null and month is null)
  ),
  add constraint claim_sign check (case kind when 'refund' then amount_milli < 0 else amount_milli >= 0 end);

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
from given_up g;

-- As before; refunds lessen sales and what the contractor owes.
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
  where a.code = 'receivable:contractor'
    and p.amount > 0
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
where coalesce(r.discount, 0) <> coalesce(b.amount, 0);
