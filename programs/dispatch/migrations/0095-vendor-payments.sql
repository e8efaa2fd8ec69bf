-- Why: payments to vendors are events like all else, so that the statements of both companies match them too.
-- Payments booked before this are in the ledger only and no statement has them.
-- Lock: none on existing tables but a share lock on vendor for an instant.

create table vendor_payment (
  id uuid primary key,
  vendor_number bigint not null references vendor (number),
  currency text not null,
  amount_milli bigint not null,
  reference text not null,
  booked_at timestamptz not null,
  constraint vendor_payment_positive check (amount_milli > 0)
);

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
where l.state = 'cancelled'
union all
select v.id::text, ('total:' || d.document_number || ':' || t.sequence) collate "default", t.at, 'tax and rounding', d.currency,
       t.tax_milli + t.rounding_milli
from claim_total t
join claim_document d on d.number = t.document_number
join vendor v on v.number = d.vendor_number
where t.tax_milli + t.rounding_milli <> 0
union all
select v.id::text, ('payment:' || p.id) collate "default", p.booked_at, 'payment', p.currency, -p.amount_milli
from vendor_payment p
join vendor v on v.number = p.vendor_number;
