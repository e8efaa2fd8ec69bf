-- Why: a self-billed claim goes on stating a fee that was cancelled, because a document never changes. What is not owed is taken back by a
-- document of its own, a self-billed credit note (UNTDID 1001: 261). Lines that were cancelled before have none.
-- Lock: share row exclusive on claim_document_line for an instant, for the foreign key.

create table claim_correction (
  id uuid primary key,
  number bigint generated always as identity unique,
  -- Gapless per year.
  document_number text collate "C" not null unique,
  claim_document_number bigint not null,
  line int not null,
  issued_at timestamptz not null,
  -- By how much the claim's total is less without the line, in whole coins.
  net_milli bigint not null,
  tax_milli bigint not null,
  total_milli bigint not null,
  unique (claim_document_number, line),
  foreign key (claim_document_number, line) references claim_document_line (document_number, line),
  constraint claim_correction_sums check (total_milli = net_milli + tax_milli and net_milli >= 0 and tax_milli >= 0)
);

create trigger claim_correction_append_only
before update or delete or truncate on claim_correction
for each statement execute function refuse_document_change();
