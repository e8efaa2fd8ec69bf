-- Why: the vendor's user database (steps 205, 505) and what it offers: products, releases, members, terminals, licenses.
-- Names and contacts are here and nowhere else; the dispatch server knows a member by pseudonym only.
-- Lock: creates new objects only; takes no lock on existing tables, so its time does not depend on their size.

create table product (
  name text collate "C" primary key,
  kind text not null,
  title text not null,
  description text not null,
  cash_currency text not null,
  cash_amount_milli bigint not null,
  cash_per text not null,
  window_days int not null,
  points_milli_min bigint not null,
  devices_max int not null,
  changed_at timestamptz not null,
  constraint product_kind_known check (kind in ('application', 'service')),
  constraint product_cash_per_known check (cash_per in ('month', 'once')),
  constraint product_cash_not_negative check (cash_amount_milli >= 0),
  constraint product_policy_sensible check (window_days >= 1 and points_milli_min >= 0 and devices_max >= 1)
);

-- Bytes lie in DATA/files under their digest; a row says that they are whole.
create table stored_file (
  sha256 text collate "C" primary key,
  bytes bigint not null,
  stored_at timestamptz not null
);

-- A published version never changes; the trigger below holds whoever writes to that.
create table release (
  number bigint generated always as identity primary key,
  product text collate "C" not null references product (name),
  version text collate "C" not null,
  manifest text not null,
  published_at timestamptz not null,
  constraint release_once unique (product, version)
);

create table release_file (
  release_number bigint not null references release (number),
  line int not null,
  name text not null,
  role text not null,
  sha256 text collate "C" not null references stored_file (sha256),
  bytes bigint not null,
  start text,
  primary key (release_number, line),
  constraint release_file_role_known check (role in ('application', 'agent'))
);

-- For a download's name and for whether a file is published.
create index release_file_sha256 on release_file (sha256);

create function refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception 'a row of % never changes', tg_table_name using errcode = 'integrity_constraint_violation';
end
$$;

create trigger release_never_changes before update or delete on release
for each row execute function refuse_change();
create trigger release_file_never_changes before update or delete on release_file
for each row execute function refuse_change();

-- The id is the pseudonym under which the dispatch server knows the member. Name and contact are null once forgotten.
create table member (
  id uuid primary key,
  number bigint generated always as identity unique,
  name text,
  contact text,
  registered_at timestamptz not null,
  forgotten_at timestamptz,
  constraint member_named_or_forgotten check ((name is null) = (forgotten_at is not null) and (name is null) = (contact is null))
);

-- A terminal proves itself by its key; the thumbprint (RFC 7638) names the key.
create table terminal (
  thumbprint text collate "C" primary key,
  member_id uuid not null references member (id),
  public_key jsonb not null,
  name text not null,
  added_at timestamptz not null
);

-- For a member's terminals.
create index terminal_member on terminal (member_id);

-- The saga of steps 204 to 210. The request's hash tells a repeated call from another registration under the same id.
create table registration (
  id uuid primary key,
  number bigint generated always as identity unique,
  member_id uuid not null references member (id),
  thumbprint text collate "C" not null references terminal (thumbprint),
  product text collate "C" not null references product (name),
  kind text not null,
  state text not null default 'requested',
  request_hash text not null,
  -- The terminal's latest proof, for the dispatch server; of no use once it confirmed.
  proof text,
  problem jsonb,
  attempts int not null default 0,
  next_attempt_at timestamptz,
  requested_at timestamptz not null,
  registered_at timestamptz,
  issued_at timestamptz,
  acknowledged_at timestamptz,
  ended_at timestamptz,
  -- Set while the dispatch server has not been told yet that it ended.
  ending_due boolean not null default false,
  constraint registration_state_known check (state in ('requested', 'registered', 'issued', 'acknowledged', 'ended')),
  constraint registration_issued_after_confirmation check (issued_at is null or registered_at is not null),
  constraint registration_confirmed_state check (state in ('requested', 'ended') or registered_at is not null)
);

-- A terminal has a product once at a time; ending one makes room for the next.
create unique index registration_open_once on registration (thumbprint, product)
where state <> 'ended';
-- For the loop that finishes what is stuck.
create index registration_due on registration (next_attempt_at)
where state = 'requested' or ending_due;
-- For the operator's list of members.
create index registration_member on registration (member_id);

-- The right itself. Only the HMAC of its key is kept, and the last five symbols.
create table license (
  id uuid primary key,
  registration_id uuid not null unique references registration (id),
  member_id uuid not null references member (id),
  product text collate "C" not null references product (name),
  state text not null default 'licensed',
  reason jsonb,
  key_hash text collate "C" not null unique,
  key_hint text not null,
  created_at timestamptz not null,
  revoked_at timestamptz,
  ended_at timestamptz,
  constraint license_state_known check (state in ('licensed', 'not-computing', 'revoked', 'ended'))
);

-- No license without a confirmed registration, whoever writes: the state that SPEC A6 forbids cannot be stored.
create function require_confirmed_registration() returns trigger
language plpgsql as $$
begin
  if not exists (select from registration where id = new.registration_id and registered_at is not null) then
    raise exception 'a license needs a registration that the dispatch server confirmed' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end
$$;

create trigger license_after_confirmation before insert on license
for each row execute function require_confirmed_registration();

-- The terminals on which a license is activated, each with the registration whose evidence counts for it,
-- what the last receipt said, and until when the last grant lets it go on alone.
create table license_device (
  license_id uuid not null references license (id),
  thumbprint text collate "C" not null references terminal (thumbprint),
  registration_id uuid not null references registration (id),
  activated_at timestamptz not null,
  receipt jsonb,
  granted_at timestamptz,
  grant_expires_at timestamptz,
  offline_until timestamptz,
  primary key (license_id, thumbprint)
);

-- For all devices of an ended registration.
create index license_device_registration on license_device (registration_id);

-- How long a device went on without the vendor after a grant had expired, as the vendor counts it.
create table offline_use (
  license_id uuid not null,
  thumbprint text collate "C" not null,
  began_at timestamptz not null,
  ended_at timestamptz not null,
  primary key (license_id, thumbprint, began_at),
  foreign key (license_id, thumbprint) references license_device (license_id, thumbprint),
  constraint offline_use_forward check (ended_at > began_at)
);

-- The months in which a license was served and computed for: what a fee for each license-month is claimed from.
create table license_month (
  license_id uuid not null references license (id),
  month text collate "C" not null,
  registration_id uuid not null references registration (id),
  first_granted_at timestamptz not null,
  primary key (license_id, month)
);

-- A signed request is good for one use. Rows live as long as the signature would, then a loop deletes them.
create table used_request (
  id text collate "C" primary key,
  expires_at timestamptz not null
);

-- For the loop that deletes what is over.
create index used_request_expiry on used_request (expires_at);

-- Who the contractor is, since it first answered. Another key under the same address is refused.
create table contractor (
  only_one boolean primary key default true,
  name text not null,
  public_key jsonb not null,
  first_seen_at timestamptz not null,
  constraint contractor_only_one check (only_one)
);
