-- Why: the second embodiment: services with their keys, sessions by license key (steps 601 to 604), orders and use
-- (steps 801 to 804).
-- Lock: creates new objects only; takes no lock on existing tables, so its time does not depend on their size.

-- Only hashes of keys are kept.
create table service_key (
  hash text collate "C" primary key,
  id text not null unique,
  product text collate "C" not null references product (name),
  created_at timestamptz not null
);

create table service_session (
  hash text collate "C" primary key,
  product text collate "C" not null references product (name),
  member_id uuid not null references member (id),
  license_id uuid not null references license (id),
  expires_at timestamptz not null
);

-- For the loop that deletes what is over, and for ending a license's sessions.
create index service_session_expiry on service_session (expires_at);
create index service_session_license on service_session (license_id);

-- A checkout or a period's bill. What the member pays is price less discount, and the discount is exactly what
-- the points are worth: a bill that does not add up cannot be stored.
create table service_order (
  id uuid primary key,
  number bigint generated always as identity unique,
  product text collate "C" not null references product (name),
  member_id uuid not null references member (id),
  kind text not null,
  state text not null,
  reason jsonb,
  request_hash text not null,
  lines jsonb not null,
  currency text not null,
  price_milli bigint not null,
  points_milli bigint not null,
  discount_milli bigint not null,
  charge_milli bigint not null,
  period text collate "C",
  hold_id uuid not null unique,
  -- The member's signature; from then on the order can only complete, or be refused by the dispatch server.
  confirmation text,
  -- Set while held points have not been given back yet.
  release_due boolean not null default false,
  attempts int not null default 0,
  next_attempt_at timestamptz,
  created_at timestamptz not null,
  expires_at timestamptz,
  confirmed_at timestamptz,
  ended_at timestamptz,
  constraint service_order_kind_known check (kind in ('purchase', 'usage')),
  constraint service_order_state_known check (
    state in ('priced', 'awaiting-confirmation', 'confirmed', 'completed', 'cancelled', 'expired', 'refused')
  ),
  constraint service_order_adds_up check (charge_milli = price_milli - discount_milli),
  constraint service_order_not_negative check (price_milli >= 0 and points_milli >= 0 and discount_milli >= 0 and charge_milli >= 0),
  constraint service_order_points_for_discount check ((points_milli = 0) = (discount_milli = 0)),
  constraint service_order_points_confirmed check (state not in ('confirmed', 'completed') or points_milli = 0 or confirmation is not null),
  constraint service_order_usage_period check ((kind = 'usage') = (period is not null))
);

-- Each member is billed once a period.
create unique index service_order_billed_once on service_order (product, period, member_id)
where kind = 'usage';
-- For the member's own list.
create index service_order_member on service_order (member_id, number);
-- For the loop that finishes what waits.
create index service_order_due on service_order (next_attempt_at)
where state in ('priced', 'awaiting-confirmation', 'confirmed') or release_due;

create table usage_price (
  product text collate "C" primary key references product (name),
  currency text not null,
  amount_milli bigint not null,
  description text not null,
  changed_at timestamptz not null,
  constraint usage_price_not_negative check (amount_milli >= 0)
);

-- One use, with the price that it had. The service's id makes a repeated call count once.
create table usage (
  product text collate "C" not null references product (name),
  usage_id text collate "C" not null,
  member_id uuid not null references member (id),
  period text collate "C" not null,
  quantity bigint not null,
  description text not null,
  currency text not null,
  unit_milli bigint not null,
  used_at timestamptz not null,
  primary key (product, usage_id),
  constraint usage_quantity_positive check (quantity > 0)
);

-- For a period's bills, and for what a member has used so far.
create index usage_period on usage (product, period, member_id);

-- A closed period takes no more use: what comes later counts in the next one.
create table usage_close (
  product text collate "C" not null references product (name),
  period text collate "C" not null,
  closed_at timestamptz not null,
  primary key (product, period)
);
