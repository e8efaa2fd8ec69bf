-- Why: a claim's total is whole coins and carries tax once for each rate, while its lines are booked exactly and without tax.
-- What the confirmed lines' total is beyond their sum is an event of its own, so that both books follow and the total can be paid.
-- Lock: access exclusive on vendor, license_fee_rule and claim for an instant, for columns with a constant default.

alter table vendor
  add column license_tax_basis_points int not null default 0,
  add constraint vendor_license_tax_sensible check (license_tax_basis_points between 0 and 10000);
alter table license_fee_rule
  add column tax_basis_points int not null default 0,
  add constraint license_fee_rule_tax_sensible check (tax_basis_points between 0 and 10000);

-- The rate by the contract when the claim was decided. Discounts and their refunds are no supplies, so they have none.
alter table claim
  add column tax_basis_points int not null default 0,
  add constraint claim_tax_sensible check (tax_basis_points between 0 and 10000 and (kind = 'license-fee' or tax_basis_points = 0));

-- By how much the tax and the rounding of a document changed when lines of it were confirmed.
create table claim_total (
  document_number bigint not null references claim_document (number),
  sequence int not null,
  tax_milli bigint not null,
  rounding_milli bigint not null,
  at timestamptz not null,
  primary key (document_number, sequence),
  constraint claim_total_something check (tax_milli <> 0 or rounding_milli <> 0)
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
where t.tax_milli + t.rounding_milli <> 0;

-- As before; tax and rounding are invoiced beside the lines.
create or replace view claim_document_defect as
select 'claim-lines-not-payable' as name,
       a.code || ': lines ' || coalesce(l.amount, 0) || ', booked ' || coalesce(b.amount, 0) as detail
from (
  select vendor_number, part, sum(amount) as amount
  from (
    select d.vendor_number, s.part, c.amount_milli as amount
    from claim_document_line l
    join claim_document d on d.number = l.document_number
    join claim c on c.number = l.claim_number
    join lateral (values ('confirmed', 'invoiced'), ('disputed', 'disputed')) s(state, part) on s.state = l.state
    union all
    select d.vendor_number, 'invoiced', t.tax_milli + t.rounding_milli
    from claim_total t
    join claim_document d on d.number = t.document_number
  ) each
  group by vendor_number, part
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
