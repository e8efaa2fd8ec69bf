-- Why: the books of one company. Every table here but balance and the two queues holds facts that never change:
-- a command that was asked for, and what became of it (a journal with its postings, a hold, a resolution, or a refusal).
-- Lock: creates new objects only; takes no lock on existing tables, so its time does not depend on their size.

create schema ledger;

-- What somebody asked for. The key says which event it was, the body is the canonical JSON of what was asked,
-- so that a repeated request gets the first answer and a different request under the same key is noticed.
create table ledger.command (
  id bigint generated always as identity primary key,
  key text collate "C" not null,
  kind text not null,
  event text not null,
  body text not null,
  body_hash bytea not null,
  at timestamptz not null,
  constraint command_key_once unique (key),
  constraint command_kind_known check (kind in ('post', 'hold', 'resolve')),
  constraint command_hash_length check (octet_length(body_hash) = 32)
);

-- A command that could not be carried out. It stays refused for its key, however often it is repeated.
create table ledger.refusal (
  command_id bigint primary key references ledger.command,
  reason text not null,
  account text,
  short_by bigint
);

-- side is the side on which the account grows; a bounded account can never be overdrawn, holds included.
-- scale is the number of decimals of its commodity: ISO 4217 exponent + 3 for money, 3 for points.
create table ledger.account (
  id bigint generated always as identity primary key,
  code text collate "C" not null,
  commodity text collate "C" not null,
  scale smallint not null,
  side text not null,
  bounded boolean not null,
  constraint account_code_once unique (code, commodity),
  constraint account_bounded_key unique (id, bounded),
  constraint account_side_known check (side in ('D', 'C')),
  constraint account_scale_known check (scale between 0 and 9)
);

-- A journal has the id of the command that made it. A journal is reversed at most once.
create table ledger.journal (
  id bigint primary key references ledger.command,
  at timestamptz not null,
  reverses bigint references ledger.journal,
  constraint journal_reversed_once unique (reverses)
);

-- amount is positive for a debit and negative for a credit.
create table ledger.posting (
  journal_id bigint not null references ledger.journal,
  line smallint not null,
  account_id bigint not null references ledger.account,
  amount bigint not null,
  primary key (journal_id, line),
  constraint posting_not_nothing check (amount <> 0)
);

create index posting_account on ledger.posting (account_id, journal_id);
comment on index ledger.posting_account is 'The statement of one account, and the check that its balance is the fold of its postings.';

-- A hold has the id of the command that placed it. Without expires_at it waits until it is resolved.
create table ledger.hold (
  id bigint primary key references ledger.command,
  expires_at timestamptz
);

-- Drawn in the order of line: for points the bucket that expires first comes first.
create table ledger.hold_part (
  hold_id bigint not null references ledger.hold,
  line smallint not null,
  account_id bigint not null references ledger.account,
  amount bigint not null,
  primary key (hold_id, line),
  constraint hold_part_account_once unique (hold_id, account_id),
  constraint hold_part_positive check (amount > 0)
);

create index hold_part_account on ledger.hold_part (account_id);
comment on index ledger.hold_part_account is 'The holds on one account.';

-- The primary key is what makes a hold resolve at most once. A captured hold has a journal with the id of the command.
create table ledger.hold_resolution (
  hold_id bigint primary key references ledger.hold,
  command_id bigint not null unique references ledger.command,
  kind text not null,
  constraint hold_resolution_kind_known check (kind in ('captured', 'released', 'expired'))
);

-- Cached sums, on the normal side of the account. Kept by triggers only (0003).
-- An unbounded account may be spread over several stripes, so that parallel writers of one busy account
-- (revenue, cost) do not wait for each other's commit; its balance is the sum. A bounded one has the one row that the
-- constraint can see.
create table ledger.balance (
  account_id bigint not null,
  stripe smallint not null default 0,
  bounded boolean not null,
  posted bigint not null default 0,
  held bigint not null default 0,
  primary key (account_id, stripe),
  foreign key (account_id, bounded) references ledger.account (id, bounded),
  constraint balance_one_stripe_if_bounded check (not bounded or stripe = 0),
  constraint balance_holds_only_if_bounded check (bounded or held = 0),
  constraint balance_held_not_negative check (held >= 0),
  constraint balance_never_overdrawn check (not bounded or posted >= held)
) with (fillfactor = 60);

-- Queue: holds not resolved yet. Deleting a row is the right to resolve the hold.
create table ledger.open_hold (
  hold_id bigint primary key references ledger.hold,
  expires_at timestamptz
);

create index open_hold_expires_at on ledger.open_hold (expires_at) where expires_at is not null;
comment on index ledger.open_hold_expires_at is 'The loop that expires holds.';

-- Numbers of documents without gaps: a number that was taken by a transaction that failed is taken again.
create table ledger.document_series (
  issuer text collate "C" not null,
  series text collate "C" not null,
  year smallint not null,
  last bigint not null,
  primary key (issuer, series, year),
  constraint document_series_from_one check (last >= 1)
);

create table ledger.document_number (
  issuer text collate "C" not null,
  series text collate "C" not null,
  year smallint not null,
  number bigint not null,
  primary key (issuer, series, year, number),
  foreign key (issuer, series, year) references ledger.document_series
);
