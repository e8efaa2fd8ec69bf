-- Why: an invoice never changes. One that nobody has seen or paid can be voided; any other is corrected by credit notes,
-- which together never exceed it.
-- Lock: share row exclusive on invoice for an instant, for the foreign keys.

-- When a customer first had an invoice in its hands: from then on it is corrected, not voided.
create table invoice_delivery (
  invoice_number bigint primary key references invoice (number),
  delivered_at timestamptz not null
);

create table invoice_void (
  invoice_number bigint primary key references invoice (number),
  id uuid not null unique,
  reason text not null,
  voided_at timestamptz not null,
  constraint invoice_void_reason_length check (char_length(reason) between 1 and 500)
);

-- document_number is gapless per year. The tax is what makes the tax of all credits that of their sum, so that crediting
-- everything credits exactly the invoice's tax.
create table credit_note (
  id uuid primary key,
  number bigint generated always as identity unique,
  document_number text collate "C" not null unique,
  invoice_number bigint not null references invoice (number),
  customer_number bigint not null references customer (number),
  issued_at timestamptz not null,
  currency text not null,
  net_milli bigint not null,
  tax_milli bigint not null,
  total_milli bigint not null,
  -- The part that went to the deposit, because the invoice was paid; the rest lessens what is owed.
  deposit_milli bigint not null,
  reason text not null,
  constraint credit_note_sums check (net_milli > 0 and tax_milli >= 0 and total_milli = net_milli + tax_milli),
  constraint credit_note_deposit_within check (deposit_milli between 0 and total_milli),
  constraint credit_note_reason_length check (char_length(reason) between 1 and 500)
);

-- For what of an invoice is credited.
create index credit_note_invoice on credit_note (invoice_number);
-- For a customer's list, newest first.
create index credit_note_customer on credit_note (customer_number, number desc);

create view credit_defect as
select 'credited-beyond-invoice' as name, i.document_number || ': ' || i.total_milli || ', credited ' || n.total as detail
from invoice i
join (
  select invoice_number, sum(net_milli) as net, sum(tax_milli) as tax, sum(total_milli) as total
  from credit_note
  group by invoice_number
) n on n.invoice_number = i.number
where n.net > i.net_milli
   or n.tax > i.tax_milli

union all
select 'void-and-credited', i.document_number
from invoice i
join invoice_void v on v.invoice_number = i.number
where exists (select from credit_note n where n.invoice_number = i.number)

union all
select 'credits-not-booked', 'credited ' || n.total || ', booked ' || b.booked
from (
  select coalesce(sum(net_milli), 0) as total
  from credit_note
) n
cross join (
  select coalesce(sum(p.amount), 0) as booked
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  join ledger.command c on c.id = p.journal_id
  where a.code = 'revenue:compute'
    and c.event = 'customer-credited'
) b
where n.total <> b.booked

union all
select 'voids-not-booked', 'voided ' || v.total || ', booked ' || b.booked
from (
  select coalesce(sum(i.total_milli), 0) as total
  from invoice_void
  join invoice i on i.number = invoice_number
) v
cross join (
  select coalesce(-sum(p.amount), 0) as booked
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  join ledger.command c on c.id = p.journal_id
  where a.code ^@ 'receivable:customer:'
    and c.event = 'invoice-voided'
) b
where v.total <> b.booked;
