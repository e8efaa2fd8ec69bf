-- Why: the collector removed bytes before the transaction that deletes their rows committed; a crash or an error of the store
-- between brought the rows back, without bytes. Now rows go first, and what is still to be removed is kept here.
-- Lock: none on existing tables.

-- Blobs whose rows are gone and whose bytes are to be removed. Whoever stores the same bytes meanwhile deletes the row, or
-- waits for the removal that holds it.
create table blob_removal (
  sha256 text collate "C" primary key,
  constraint blob_removal_sha256_form check (sha256 ~ '^[0-9a-f]{64}$')
);
