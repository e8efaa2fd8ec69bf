-- Why: what vendors claim becomes a document: the contractor prepares it for the vendor (UNTDID 1001: 389), and the vendor
-- confirms or disputes it line by line.
-- Lock: share row exclusive on vendor and claim for an instant, for the foreign keys.

-- A document never changes once it is here. document_number is gapless per year.
create table claim_document (
  id uuid primary key,
  number bigint generated always as identity unique,
  document_number text collate "C" not null unique,
  vendor_number bigint not null references vendor (number),
  issued_at timestamptz not null,
  -- The day up to which claims were taken, as it was asked for.
  up_to date not null,
  period_from date not null,
  period_to date not null,
  currency text not null,
  net_milli bigint not null,
  tax_milli bigint not null,
  total_milli bigint not null,
  constraint claim_document_sums check (total_milli = net_milli + tax_milli),
  constraint claim_document_period check (period_from <= period_to)
);

-- For a vendor's list, newest first.
create index claim_document_vendor on claim_document (vendor_number, number desc);

-- A claim is on one line of one document.
--
--   open ── the vendor confirms ───────────────────────────> confirmed   payable: accrued → invoiced
--    └───── the vendor disputes, with a reason ──> disputed              payable: accrued → disputed
--                                                     ├── withdrawn ───> confirmed   disputed → invoiced
--                                                     └── dropped ─────> cancelled   disputed → cost of licenses
create table claim_document_line (
  document_number bigint not null references claim_document (number),
  line int not null,
  claim_number bigint not null unique references claim (number),
  state text not null default 'open',
  -- Why it is disputed, in the vendor's words.
  reason text,
  answered_at timestamptz,
  -- How the dispute ended, in the contractor's words.
  outcome text,
  settled_at timestamptz,
  primary key (document_number, line),
  constraint claim_document_line_state_known check (state in ('open', 'confirmed', 'disputed', 'cancelled')),
  constraint claim_document_line_answered check ((state = 'open') = (answered_at is null)),
  constraint claim_document_line_disputed_with_reason check (state <> 'disputed' or reason is not null),
  constraint claim_document_line_settled check ((settled_at is null) = (outcome is null)),
  constraint claim_document_line_cancelled_by_settling check (state <> 'cancelled' or settled_at is not null)
);

-- For what still waits for an answer or a settlement.
create index claim_document_line_unsettled on claim_document_line (document_number)
where state in ('open', 'disputed');

-- Claims with the names under which both companies know them.
create view claim_event as
select c.number as claim_number,
       case
         when c.order_id is not null then 'order:' || c.order_id
         when c.month is null then 'license-fee:' || c.registration_id
         else 'license-month:' || c.registration_id || ':' || c.month
       end as event
from claim c
where c.state = 'accrued'
  and c.amount_milli <> 0;

-- A fee that was dropped is an event of its own, which takes the first one back.
create or replace view own_event as
select v.id::text as counterparty, e.event, c.accepted_at as at,
       case c.kind when 'discount' then 'discount' else 'license fee' end as description,
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

-- Where the books say otherwise than the documents; empty at any instant.
create view claim_document_defect as
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
  where a.code ~ '^payable:vendor:[0-9]+:(invoiced|disputed)$'
    and m.event in ('claims-answered', 'dispute-settled')
  group by 1, 2
) b on b.vendor_number = l.vendor_number and b.part = l.part
join lateral (
  select 'payable:vendor:' || coalesce(l.vendor_number, b.vendor_number) || ':' || coalesce(l.part, b.part) as code
) a on true
where coalesce(l.amount, 0) <> coalesce(b.amount, 0);
