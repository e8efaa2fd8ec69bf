-- Why: an order can be refunded, in full or in part: points go back to their member, and the vendor owes what they were worth,
-- as a claim below zero that its next document takes off.
-- Lock: access exclusive on points_hold and claim for an instant each, for a column with a constant default, and while
-- their checks are read through once (a few hundred milliseconds for a million rows).

alter table points_hold
  add column refunded_milli bigint not null default 0,
  add constraint points_hold_refunded_within check (refunded_milli between 0 and captured_milli);

-- A refund is a claim below zero under the same id; this row says what became of the points.
create table points_refund (
  id uuid primary key,
  hold_id uuid not null references points_hold (id),
  points_milli bigint not null,
  -- What of them settled points that the member owed.
  debt_milli bigint not null,
  refunded_at timestamptz not null,
  constraint points_refund_positive check (points_milli > 0),
  constraint points_refund_debt_within check (debt_milli between 0 and points_milli)
);

-- For an order's refunds.
create index points_refund_hold on points_refund (hold_id);

alter table claim
  drop constraint claim_kind_known,
  drop constraint claim_about_one_thing,
  drop constraint claim_not_negative,
  add constraint claim_kind_known check (kind in ('license-fee', 'discount', 'refund')),
  add constraint claim_about_one_thing check (
    (kind in ('discount', 'refund')) = (order_id is not null) and (kind = 'license-fee') = (registration_id is not null)
  ),
  add constraint claim_sign check (case kind when 'refund' then amount_milli < 0 else amount_milli >= 0 end);

-- Claims with the names under which both companies know them.
create or replace view claim_event as
select c.number as claim_number,
       case
         when c.kind = 'refund' then 'refund:' || c.id
         when c.order_id is not null then 'order:' || c.order_id
         when c.month is null then 'license-fee:' || c.registration_id
         else 'license-month:' || c.registration_id || ':' || c.month
       end as event
from claim c
where c.state = 'accrued'
  and c.amount_milli <> 0;

create or replace view own_event as
select v.id::text as counterparty, e.event, c.accepted_at as at,
       case c.kind when 'license-fee' then 'license fee' else c.kind end as description,
       c.currency, c.amount_milli as amount
from claim c
join claim_event e on e.claim_number = c.number
join vendor v on v.number = c.vendor_number
union all
select v.id::text, 'cancelled:' || e.event, l.settled_at, 'cancelled', c.currency, -c.amount_milli
from claim_document_line l
join claim c on c.number = l.claim_number
join claim_event e on e.claim_number = c.number
join vendor v on v.number = c.vendor_number
where l.state = 'cancelled';

-- As before, and refunds lessen what is claimed.
create or replace view money_defect as
select 'invoice-not-receivable' as name,
       'customer ' || coalesce(i.customer_number::text, b.code) || ': invoiced ' || coalesce(i.total, 0)
         || ', booked ' || coalesce(b.posted, 0) as detail
from (
  select customer_number, 'receivable:customer:' || customer_number as code, sum(total_milli) as total
  from invoice
  group by customer_number
) i
full join (
  select a.code, sum(p.amount) as posted
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  join ledger.command c on c.id = p.journal_id
  where a.code ^@ 'receivable:customer:'
    and c.event = 'job-invoiced'
    and p.amount > 0
  group by a.code
) b on b.code = i.code
where coalesce(i.total, 0) <> coalesce(b.posted, 0)

union all
select 'claims-not-payable',
       'vendor ' || coalesce(c.vendor_number::text, b.vendor) || ': claimed ' || coalesce(c.total, 0)
         || ', booked ' || coalesce(b.posted, 0)
from (
  select vendor_number, sum(amount_milli) as total
  from claim
  where state = 'accrued'
  group by vendor_number
) c
full join (
  select split_part(a.code, ':', 3) as vendor, -sum(p.amount) as posted
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  join ledger.command m on m.id = p.journal_id
  where a.code ~ '^(payable|receivable):vendor:[^:]+:accrued$'
    and m.event in ('license-fee', 'points-captured', 'points-refunded')
  group by 1
) b on b.vendor = c.vendor_number::text
where coalesce(c.total, 0) <> coalesce(b.posted, 0)

union all
select 'capture-without-claim', 'hold ' || h.id || ' captured ' || h.captured_milli || ', claimed ' || coalesce(c.amount_milli, 0)
from points_hold h
left join claim c
  on c.vendor_number = h.vendor_number
  and c.order_id = h.order_id
  and c.kind = 'discount'
where h.state = 'captured'
  and h.captured_milli is distinct from c.amount_milli

union all
select 'hold-state-differs', 'hold ' || h.id || ' is ' || h.state || ', in the books ' || coalesce(r.kind, 'held')
from points_hold h
left join ledger.hold_resolution r on r.hold_id = h.ledger_hold_id
where h.state <> coalesce(r.kind, 'held')

union all
select 'refunds-differ',
       'hold ' || h.id || ': refunded ' || h.refunded_milli || ', refunds ' || coalesce(r.points, 0) || ', claimed '
         || coalesce(r.claimed, 0)
from points_hold h
left join (
  select r.hold_id, sum(r.points_milli) as points, sum(-c.amount_milli) as claimed
  from points_refund r
  left join claim c on c.id = r.id and c.kind = 'refund'
  group by r.hold_id
) r on r.hold_id = h.id
where h.refunded_milli <> coalesce(r.points, 0)
   or h.refunded_milli <> coalesce(r.claimed, 0)

union all
select 'claim-without-refund', 'claim ' || c.id
from claim c
where c.kind = 'refund'
  and not exists (select from points_refund r where r.id = c.id);

-- As before; refunds on documents are below zero, and what is set off lessens both sides.
create or replace view claim_document_defect as
select 'claim-lines-not-payable' as name,
       a.code || ': lines ' || coalesce(l.amount, 0) || ', booked ' || coalesce(b.amount, 0) as detail
from (
  select d.vendor_number, s.part, sum(c.amount_milli) as amount
  from claim_document_line l
  join claim_document d on d.number = l.document_number
  join claim c on c.number = l.claim_number
  join lateral (values ('confirmed', 'invoiced'), ('disputed', 'disputed')) s(state, part) on s.state = l.state
  group by d.vendor_number, s.part
) l
full join (
  -- Payments lessen what is invoiced and are no line's business.
  select split_part(a.code, ':', 3)::bigint as vendor_number, split_part(a.code, ':', 4) as part, -sum(p.amount) as amount
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  join ledger.command m on m.id = p.journal_id
  where a.code ~ '^(payable|receivable):vendor:[0-9]+:(invoiced|disputed)$'
    and m.event in ('claims-answered', 'dispute-settled')
  group by 1, 2
) b on b.vendor_number = l.vendor_number and b.part = l.part
join lateral (
  select 'payable:vendor:' || coalesce(l.vendor_number, b.vendor_number) || ':' || coalesce(l.part, b.part) as code
) a on true
where coalesce(l.amount, 0) <> coalesce(b.amount, 0);
