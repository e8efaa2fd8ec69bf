-- Why: what work earns and costs: points of members, holds on them, invoices to customers, claims of vendors.
-- The books themselves are the ledger's (schema ledger); these tables say which documents and events stand behind them.
-- Lock: share row exclusive on the referenced tables for an instant, for the foreign keys; access exclusive on job for
-- an instant, for a column without a default, and while its partial index is built (it reads the job table once).

-- How far points_entry is journalled: every entry up to last_entry is in the ledger and in the two tables below, exactly once.
-- Locking this row is the right to journal.
create table points_position (
  is_the_one boolean primary key default true,
  last_entry bigint not null,
  constraint points_position_one_row check (is_the_one)
);
insert into points_position (last_entry) values (0);

-- Fuel journalled for a member so far. Points are the whole thousandths that this sum is worth, so what a batch leaves
-- over is carried to the next one and nothing is ever lost or made by rounding.
create table points_tally (
  member_number bigint not null references member (number),
  rate_version int not null references rate_card (version),
  kind text not null,
  fuel numeric not null,
  primary key (member_number, rate_version, kind),
  constraint points_tally_kind_known check (kind in ('accepted', 'committed', 'finalized', 'forfeited'))
) with (fillfactor = 70);

-- The same work by terminal and day in UTC: the evidence behind licenses (a window of days) and license-months.
create table terminal_work (
  terminal_number bigint not null references terminal (number),
  day date not null,
  rate_version int not null references rate_card (version),
  kind text not null,
  fuel numeric not null,
  units bigint not null,
  primary key (terminal_number, day, rate_version, kind),
  constraint terminal_work_kind_known check (kind in ('accepted', 'committed', 'finalized', 'forfeited'))
) with (fillfactor = 70);

-- A vendor's hold on a member's points for an order.
--
--   held ── capture, with the member's signature ──> captured
--    ├──── release ────────────────────────────────> released
--    └──── its time is over ───────────────────────> expired
create table points_hold (
  id uuid primary key,
  number bigint generated always as identity unique,
  vendor_number bigint not null references vendor (number),
  member_number bigint not null references member (number),
  pseudonym uuid not null,
  order_id uuid not null,
  points_milli bigint not null,
  captured_milli bigint not null default 0,
  state text not null default 'held',
  ledger_hold_id bigint not null unique references ledger.hold (id),
  placed_at timestamptz not null,
  expires_at timestamptz not null,
  resolved_at timestamptz,
  constraint points_hold_positive check (points_milli > 0),
  constraint points_hold_state_known check (state in ('held', 'captured', 'released', 'expired')),
  constraint points_hold_captured_within check (captured_milli between 0 and points_milli),
  constraint points_hold_captured_when check ((state = 'captured') = (captured_milli > 0)),
  constraint points_hold_resolved_at check ((state = 'held') = (resolved_at is null))
);

-- For a member's spent points.
create index points_hold_member on points_hold (member_number);
-- For marking holds that the ledger let expire.
create index points_hold_open on points_hold (expires_at) where state = 'held';

-- An invoice never changes once it is here. document_number is gapless per year.
create table invoice (
  id uuid primary key,
  number bigint generated always as identity unique,
  document_number text collate "C" not null unique,
  customer_number bigint not null references customer (number),
  issued_at timestamptz not null,
  currency text not null,
  net_milli bigint not null,
  tax_basis_points int not null,
  tax_milli bigint not null,
  total_milli bigint not null,
  constraint invoice_sums check (net_milli >= 0 and tax_milli >= 0 and total_milli = net_milli + tax_milli)
);

-- For a customer's list, newest first.
create index invoice_customer on invoice (customer_number, number desc);

-- A job is on one line of one invoice: that is what makes billing happen exactly once.
create table invoice_line (
  invoice_number bigint not null references invoice (number),
  line smallint not null,
  job_number bigint not null references job (number),
  description text not null,
  units bigint not null,
  fuel numeric not null,
  rate_version int not null references rate_card (version),
  -- Before rounding to whole coins: that is done once, for the invoice.
  amount_milli bigint not null,
  primary key (invoice_number, line),
  constraint invoice_line_job_once unique (job_number)
);

-- Marks a job as invoiced, so that the loop finds what is left without looking at every job there ever was.
alter table job add column invoice_number bigint references invoice (number);
create index job_uninvoiced on job (number) where state = 'done' and invoice_number is null;

-- What vendors claim: license fees (step 211) and discounts (step 804). A refused claim stays refused under its id.
create table claim (
  id uuid primary key,
  number bigint generated always as identity unique,
  vendor_number bigint not null references vendor (number),
  kind text not null,
  registration_id uuid references registration (id),
  month text,
  order_id uuid,
  currency text not null,
  amount_milli bigint not null,
  state text not null,
  refusal_code text,
  accepted_at timestamptz not null,
  constraint claim_kind_known check (kind in ('license-fee', 'discount')),
  constraint claim_about_one_thing check ((kind = 'discount') = (order_id is not null) and (kind = 'license-fee') = (registration_id is not null)),
  constraint claim_month_form check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  constraint claim_not_negative check (amount_milli >= 0),
  constraint claim_state_known check (state in ('accrued', 'refused')),
  constraint claim_refused_with_reason check ((state = 'refused') = (refusal_code is not null))
);

-- A fee is owed once a registration, or once a registration and month.
create unique index claim_fee_once on claim (registration_id, month) nulls not distinct
where kind = 'license-fee' and state = 'accrued';
-- An order's discount is owed once, whatever happens in parallel.
create unique index claim_order_once on claim (vendor_number, order_id)
where kind = 'discount';
-- For a vendor's list, newest first.
create index claim_vendor on claim (vendor_number, number desc);

-- What is wrong between these tables and the books; empty at any instant. The books have their own view, ledger.defect.
create view money_defect as
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
  group by a.code
) b on b.code = i.code
where coalesce(i.total, 0) <> coalesce(b.posted, 0)

union all
select 'claims-not-payable',
       'vendor ' || coalesce(c.vendor_number::text, b.code) || ': claimed ' || coalesce(c.total, 0)
         || ', booked ' || coalesce(b.posted, 0)
from (
  select vendor_number, 'payable:vendor:' || vendor_number || ':accrued' as code, sum(amount_milli) as total
  from claim
  where state = 'accrued'
  group by vendor_number
) c
full join (
  select a.code, -sum(p.amount) as posted
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  join ledger.command m on m.id = p.journal_id
  where a.code like 'payable:vendor:%:accrued'
    and m.event in ('license-fee', 'points-captured')
  group by a.code
) b on b.code = c.code
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
where h.state <> coalesce(r.kind, 'held');
