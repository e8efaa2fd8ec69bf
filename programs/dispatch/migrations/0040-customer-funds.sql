-- Why: a job is accepted only when the customer can pay for it: from a deposit, or from credit that the operator gave.
-- What it may cost is held in the books until its invoice, which never goes beyond it.
-- Lock: access exclusive on job and invoice_line for an instant (columns without a default, or with a constant one),
-- and share on job while its partial index is built (it reads the job table once).

-- What a customer paid, or was paid back. The books say where it went; this says who paid, when, and with which reference.
create table payment (
  id uuid primary key,
  number bigint generated always as identity unique,
  customer_number bigint not null references customer (number),
  kind text not null,
  currency text not null,
  amount_milli bigint not null,
  -- The part of a payment that settled what was owed; the rest went to the deposit.
  settled_milli bigint not null,
  reference text,
  received_at timestamptz not null,
  constraint payment_kind_known check (kind in ('deposit', 'payment', 'return')),
  constraint payment_positive check (amount_milli > 0),
  constraint payment_settles_within check (settled_milli between 0 and amount_milli),
  constraint payment_only_payments_settle check (kind = 'payment' or settled_milli = 0)
);

-- For a customer's list, newest first.
create index payment_customer on payment (customer_number, number desc);

-- How far a customer may owe. The newest row is in force; change is what the books were changed by.
create table credit_limit (
  id uuid primary key,
  number bigint generated always as identity unique,
  customer_number bigint not null references customer (number),
  currency text not null,
  limit_milli bigint not null,
  change_milli bigint not null,
  set_at timestamptz not null,
  constraint credit_limit_not_negative check (limit_milli >= 0)
);

-- For the one in force.
create index credit_limit_customer on credit_limit (customer_number, number desc);

-- max_price_milli: the most that the job may cost, tax included; null only where the work is free of charge.
-- hold_is_open: what is held for it was neither captured by an invoice nor given back yet.
alter table job
  add column max_price_milli bigint,
  add column ledger_hold_id bigint unique references ledger.hold (id),
  add column hold_is_open boolean not null default false,
  add constraint job_max_price_positive check (max_price_milli > 0),
  add constraint job_open_hold_exists check (not hold_is_open or ledger_hold_id is not null);

-- For the loop that frees what jobs without a result hold.
create index job_hold_to_free on job (number) where hold_is_open and state in ('failed', 'cancelled');

-- What the fuel was worth beyond the job's maximal price: the contractor's cost, never the customer's.
alter table invoice_line
  add column beyond_limit_milli bigint not null default 0,
  add constraint invoice_line_beyond_not_negative check (beyond_limit_milli >= 0);

-- What must never be between customers, their jobs and the books; empty at any instant.
create view funds_defect as
select 'hold-not-of-open-job' as name, 'job ' || j.id || ' is ' || j.state || ', its hold ' || coalesce(r.kind, 'open') as detail
from job j
left join ledger.hold_resolution r on r.hold_id = j.ledger_hold_id
where j.ledger_hold_id is not null
  and j.hold_is_open <> (r.hold_id is null)

union all
select 'job-without-hold', 'job ' || j.id || ' may cost ' || j.max_price_milli || ' and nothing is held'
from job j
where j.max_price_milli is not null
  and j.ledger_hold_id is null

union all
select 'hold-not-max-price', 'job ' || j.id || ' may cost ' || j.max_price_milli || ', held ' || p.held
from job j
cross join lateral (
  select sum(amount) as held
  from ledger.hold_part
  where hold_id = j.ledger_hold_id
) p
where j.ledger_hold_id is not null
  and p.held is distinct from j.max_price_milli

union all
select 'invoiced-beyond-max-price', 'job ' || j.id || ' may cost ' || coalesce(j.max_price_milli, 0) || ', invoiced ' || i.total_milli
from invoice i
join invoice_line l on l.invoice_number = i.number
join job j on j.number = l.job_number
where i.total_milli > coalesce(j.max_price_milli, 0)

union all
-- What is owed is exactly what of the credit is used up, for every customer and at any instant.
select 'owed-not-credit-used', 'customer ' || c.number || ': owed ' || coalesce(r.posted, 0) || ', credit given '
         || coalesce(g.given, 0) || ', left ' || coalesce(l.posted, 0)
from customer c
left join ledger.account_balance r on r.code = 'receivable:customer:' || c.number
left join ledger.account_balance l on l.code = 'credit-limit:customer:' || c.number
left join (
  select customer_number, sum(change_milli) as given
  from credit_limit
  group by customer_number
) g on g.customer_number = c.number
where coalesce(r.posted, 0) <> coalesce(g.given, 0) - coalesce(l.posted, 0)

union all
select 'payments-not-cash', 'paid ' || p.paid || ', booked ' || b.booked
from (
  select coalesce(sum(case kind when 'return' then -amount_milli else amount_milli end), 0) as paid
  from payment
) p
cross join (
  select coalesce(sum(q.amount), 0) as booked
  from ledger.posting q
  join ledger.account a on a.id = q.account_id
  join ledger.command c on c.id = q.journal_id
  where a.code = 'cash'
    and c.event in ('customer-deposit', 'customer-payment', 'customer-return')
) b
where p.paid <> b.booked;

-- As before, but an invoice may be paid by its own journal: only what was charged is compared.
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
