-- Why: a customer's own server is told when a job has ended.
-- Lock: creates new objects only; takes share row exclusive on customer and job for an instant, for the foreign keys.

-- Where a customer wants to be told, and the secret that signs what it is told.
create table webhook (
  customer_number bigint primary key references customer (number),
  url text not null,
  secret bytea not null,
  -- Jobs that ended before are not told.
  set_at timestamptz not null,
  constraint webhook_url_length check (char_length(url) between 1 and 2000)
);

-- One message: that a job has ended. Sent until it is taken, less and less often, and given up after the last attempt.
create table webhook_delivery (
  job_number bigint primary key references job (number),
  id uuid not null,
  customer_number bigint not null references customer (number),
  attempts int not null default 0,
  -- Null when it was delivered or given up.
  next_at timestamptz,
  delivered_at timestamptz,
  -- What the last attempt met: a status, or why there was none.
  last_outcome text,
  constraint webhook_delivery_over check (delivered_at is null or next_at is null)
);

-- For the loop that delivers.
create index webhook_delivery_due on webhook_delivery (next_at) where next_at is not null;
