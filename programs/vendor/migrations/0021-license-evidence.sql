-- Why: a license fee by the month rests on the hours that were served and on work. Both companies keep the evidence, and
-- compare it by its hash.
-- Lock: access exclusive on license_month and claim for an instant, for columns with a constant default or none.

-- The hours of the month in UTC, from the left, in which a grant was given on evidence of work.
alter table license_month
  add column hours bit(744) not null default repeat('0', 744)::bit(744);

alter table claim
  add column evidence jsonb,
  add column evidence_sha256 text collate "C",
  add constraint claim_evidence_with_hash check ((evidence is null) = (evidence_sha256 is null));
