-- Why: a document names both parties as they were when it was issued, whatever they are called later, and it is found by
-- date, amount and counterparty.
-- Lock: access exclusive on customer for an instant, for columns without a default; share on invoice while its index is built.

-- What a customer says of itself for documents. Without a country it is taken to be in the contractor's.
alter table customer add column address text;
alter table customer add column registration_number text;
alter table customer add column country text;
alter table customer add constraint customer_address_length check (char_length(address) between 1 and 300);
alter table customer add constraint customer_registration_number_form check (registration_number ~ '^T[0-9]{13}$');
alter table customer add constraint customer_country_form check (country ~ '^[A-Z]{2}$');

-- Both parties of a document, by the document's id, written with it and never changed.
create table document_parties (
  document_id uuid primary key,
  seller jsonb not null,
  buyer jsonb not null
);

-- For the operator's search by date.
create index invoice_issued on invoice (issued_at);
