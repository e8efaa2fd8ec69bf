-- Why: the contractor's user database (steps 207, 507): who may call, and how each proves itself.
-- Every party has a UUID that travels and a number that tables join by: the hot path keeps eight bytes, not sixteen.
-- Lock: creates new objects only; takes no lock on existing tables, so its time does not depend on their size.

-- What all replicas must share: keys of HMACs, the contractor's signing key, the hash of the operator's key.
-- Made by whichever replica starts first and never changed by a start.
create table secret (
  name text collate "C" primary key,
  value bytea not null,
  created_at timestamptz not null
);

create table customer (
  id uuid primary key,
  number bigint generated always as identity unique,
  name text not null,
  currency text not null,
  created_at timestamptz not null,
  constraint customer_name_length check (char_length(name) between 1 and 200),
  constraint customer_currency_form check (currency ~ '^[A-Z]{3}$')
);

-- Only hashes of keys are kept. A key that was withdrawn stays, so that its use can be told from a typing error.
create table customer_key (
  hash bytea primary key,
  customer_number bigint not null references customer (number),
  created_at timestamptz not null,
  withdrawn_at timestamptz,
  constraint customer_key_hash_length check (octet_length(hash) = 32)
);

create table vendor (
  id uuid primary key,
  number bigint generated always as identity unique,
  name text not null,
  public_key jsonb not null,
  license_fee_kind text not null,
  license_fee_currency text not null,
  license_fee_milli bigint not null,
  created_at timestamptz not null,
  constraint vendor_name_length check (char_length(name) between 1 and 200),
  constraint vendor_license_fee_kind_known check (license_fee_kind in ('per-registration', 'per-license-month')),
  constraint vendor_license_fee_not_negative check (license_fee_milli >= 0)
);

-- A vendor's signed request is good for one use. Rows live as long as the signature would, then a loop deletes them.
create table used_request (
  vendor_number bigint not null references vendor (number),
  jti text collate "C" not null,
  expires_at timestamptz not null,
  primary key (vendor_number, jti)
);

-- For the loop that deletes what is over.
create index used_request_expiry on used_request (expires_at);

-- One row per person. Name and contact stay with the vendors.
create table member (
  id uuid primary key,
  number bigint generated always as identity unique,
  created_at timestamptz not null
);

-- How one vendor calls a member. Two vendors cannot tell from their pseudonyms that they serve the same person.
create table pseudonym (
  vendor_number bigint not null references vendor (number),
  pseudonym uuid not null,
  member_number bigint not null references member (number),
  primary key (vendor_number, pseudonym)
);

create table terminal (
  id uuid primary key,
  number bigint generated always as identity unique,
  member_number bigint not null references member (number),
  name text not null,
  state text not null default 'active',
  -- The vendor on whose word alone a new terminal was added to a member known before. That vendor could have made the
  -- key up, so this terminal's yes to an order of that vendor spends nothing.
  joined_by_vendor bigint references vendor (number),
  registered_at timestamptz not null,
  revoked_at timestamptz,
  revoke_reason text,
  constraint terminal_name_length check (char_length(name) between 1 and 200),
  constraint terminal_state_known check (state in ('active', 'revoked')),
  constraint terminal_revoked_with_reason check ((state = 'revoked') = (revoked_at is not null and revoke_reason is not null))
);

-- For the keys that may confirm a member's order.
create index terminal_member on terminal (member_number);

-- A terminal proves itself by its key; the thumbprint (RFC 7638) names the key everywhere.
create table terminal_key (
  thumbprint text collate "C" primary key,
  terminal_number bigint not null unique references terminal (number),
  public_key jsonb not null,
  added_at timestamptz not null
);

-- When a terminal last called, and how it was. Written in batches every few seconds, apart from terminal,
-- so that the user database itself is quiet. Losing the last seconds in a crash costs nothing.
create table terminal_presence (
  terminal_number bigint primary key references terminal (number),
  seen_at timestamptz not null,
  state text not null,
  -- Until when silence is no absence, because the terminal holds work with this deadline.
  busy_until timestamptz not null,
  constraint terminal_presence_state_known check (state in ('computing', 'idle-no-work', 'paused', 'not-computing'))
) with (fillfactor = 50);

-- A challenge opens one session. It is an HMAC that any replica can check, so asking for one, which anybody may,
-- writes nothing; only a challenge that was used is remembered, as long as it would be good.
create table used_challenge (
  value text collate "C" primary key,
  expires_at timestamptz not null
);

-- For the loop that deletes what is over.
create index used_challenge_expiry on used_challenge (expires_at);

-- A member's enrolment for one product of one vendor on one terminal. The request's hash tells a repeated call
-- from another registration under the same id.
create table registration (
  id uuid primary key,
  number bigint generated always as identity unique,
  vendor_number bigint not null references vendor (number),
  member_number bigint not null references member (number),
  terminal_number bigint not null references terminal (number),
  pseudonym uuid not null,
  product text collate "C" not null,
  kind text not null,
  request_hash bytea not null,
  registered_at timestamptz not null,
  ended_at timestamptz,
  foreign key (vendor_number, pseudonym) references pseudonym (vendor_number, pseudonym),
  constraint registration_kind_known check (kind in ('application', 'service')),
  constraint registration_product_length check (char_length(product) between 1 and 100)
);

-- For a terminal's view, its consents, and whether it may have work.
create index registration_terminal on registration (terminal_number);
-- For a terminal and product at most once at a time; ending one makes room for the next.
create unique index registration_open_once on registration (terminal_number, vendor_number, product)
where ended_at is null;

-- The signed record itself is kept: it is the proof that the member agreed, and to what.
create table consent (
  id uuid primary key,
  terminal_number bigint not null references terminal (number),
  vendor_number bigint not null references vendor (number),
  product text collate "C" not null,
  text_version text not null,
  text_sha256 text not null,
  locale text not null,
  cores int not null,
  memory_mib int not null,
  token text not null,
  recorded_at timestamptz not null,
  withdrawn_at timestamptz,
  constraint consent_locale_known check (locale in ('en', 'ja')),
  constraint consent_limits_positive check (cores > 0 and memory_mib > 0)
);

-- For the standing of terminals.
create index consent_terminal on consent (terminal_number)
where withdrawn_at is null;

-- What work costs and earns. A published version never changes: jobs and invoices name it.
create table rate_card (
  version int primary key,
  per_fuel bigint not null,
  currency text not null,
  price_milli bigint not null,
  points_milli bigint not null,
  tax_basis_points int not null,
  reference_fuel_per_second bigint not null,
  published_at timestamptz not null,
  constraint rate_card_per_fuel_positive check (per_fuel > 0),
  constraint rate_card_not_negative check (price_milli >= 0 and points_milli >= 0),
  constraint rate_card_tax_sensible check (tax_basis_points between 0 and 10000),
  constraint rate_card_reference_positive check (reference_fuel_per_second > 0),
  constraint rate_card_currency_form check (currency ~ '^[A-Z]{3}$')
);
