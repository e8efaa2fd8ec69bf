-- Why: a license fee by the month may be due only from so many points and hours on, and by other terms for one product than
-- for the vendor's others; and what it was decided on is kept, so that both companies can compare it by its hash.
-- Lock: access exclusive on vendor and claim for an instant, for columns with a constant default or none.

alter table vendor
  add column license_points_milli_min bigint not null default 0,
  add column license_hours_min int not null default 0,
  add constraint vendor_license_minimum_sensible check (license_points_milli_min >= 0 and license_hours_min between 0 and 672);

-- The contract for one product, in the place of the vendor's own. A change counts for what is decided from then on.
create table license_fee_rule (
  vendor_number bigint not null references vendor (number),
  product text collate "C" not null,
  kind text not null,
  fee_milli bigint not null,
  points_milli_min bigint not null,
  hours_min int not null,
  changed_at timestamptz not null,
  primary key (vendor_number, product),
  constraint license_fee_rule_kind_known check (kind in ('per-registration', 'per-license-month')),
  constraint license_fee_rule_not_negative check (fee_milli >= 0),
  constraint license_fee_rule_minimum_sensible check (points_milli_min >= 0 and hours_min between 0 and 672)
);

-- The hours of a month in UTC, from the left, in which a receipt said that there was work behind a license: a grant
-- rests on a receipt, so no more hours than these can have been served.
create table license_hours (
  registration_id uuid not null references registration (id),
  month text collate "C" not null,
  hours bit(744) not null,
  primary key (registration_id, month)
) with (fillfactor = 70);

-- What a fee by the month was decided on; its hash is over its canonical JSON.
alter table claim
  add column evidence jsonb,
  add column evidence_sha256 text collate "C",
  add constraint claim_evidence_with_hash check ((evidence is null) = (evidence_sha256 is null));
