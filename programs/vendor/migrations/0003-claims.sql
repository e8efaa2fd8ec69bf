-- Why: what the contractor owes this vendor: license fees (step 211) and discounts (step 804), as the vendor's own book
-- has it.
-- Lock: creates new objects only; takes no lock on existing tables, so its time does not depend on their size.

-- The id derives from the event, so that an event is claimed once however often the loop runs.
create table claim (
  id uuid primary key,
  number bigint generated always as identity unique,
  kind text not null,
  registration_id uuid references registration (id),
  month text collate "C",
  order_id uuid references service_order (id),
  currency text not null,
  amount_milli bigint not null,
  state text not null,
  reason jsonb,
  attempts int not null default 0,
  next_attempt_at timestamptz,
  at timestamptz not null,
  settled_at timestamptz,
  constraint claim_kind_known check (kind in ('license-fee', 'discount')),
  constraint claim_state_known check (state in ('pending', 'accrued', 'refused')),
  constraint claim_subject check (
    (kind = 'license-fee' and registration_id is not null and order_id is null)
    or (kind = 'discount' and order_id is not null and registration_id is null and month is null)
  )
);

-- For finding registrations that have no claim yet.
create unique index claim_registration_once on claim (registration_id, coalesce(month, ''))
where kind = 'license-fee';
create unique index claim_order_once on claim (order_id)
where kind = 'discount';
-- For the loop.
create index claim_due on claim (next_attempt_at)
where state = 'pending';
