-- Why: a document that was issued never changes. Until now only the code kept to that; now the database refuses, its owner
-- included, as it does for the ledger's facts. A migration that has to fill a new column disables the trigger meanwhile.
-- Lock: share row exclusive on the documents' tables for an instant.

create function refuse_document_change() returns trigger
language plpgsql as $$
begin
  raise exception '% is append-only: what was issued is corrected by a document of its own', tg_table_name
    using errcode = 'integrity_constraint_violation';
end
$$;

do $$
declare
  fact text;
begin
  foreach fact in array array[
    'invoice', 'invoice_line', 'invoice_void', 'invoice_delivery', 'credit_note', 'document_parties', 'claim_document'
  ] loop
    execute format(
      'create trigger %I before update or delete or truncate on %I for each statement execute function refuse_document_change()',
      fact || '_append_only', fact);
  end loop;
end
$$;

-- A line of a claim is answered and settled; which claim it is of never changes.
create trigger claim_document_line_not_deleted
before delete or truncate on claim_document_line
for each statement execute function refuse_document_change();

create trigger claim_document_line_identity_stays
before update of document_number, line, claim_number on claim_document_line
for each statement execute function refuse_document_change();
