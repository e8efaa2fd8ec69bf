-- Why: two companies compare their books by statements, a day at a time. What each said is kept word for word with its
-- signature and never changes; matching is a question asked of these tables (see packages/books).
-- Lock: creates new objects only.

-- part counts from 1 to parts: a day with very many events is told in several. body is the canonical JSON that was signed.
-- witness is the head of the *receiver's* chain that the issuer kept from the receiver's last statement.
create table ledger.statement (
  counterparty text collate "C" not null,
  day date not null,
  is_ours boolean not null,
  part int not null,
  parts int not null,
  body text not null,
  token text not null,
  witness_position bigint,
  witness_hash bytea,
  stored_at timestamptz not null,
  primary key (counterparty, day, is_ours, part),
  constraint statement_part_within check (part between 1 and parts),
  constraint statement_witness_whole check ((witness_position is null) = (witness_hash is null))
);

-- An event is stated once by either side; amount is what the contractor owes the vendor for it.
create table ledger.statement_line (
  counterparty text collate "C" not null,
  is_ours boolean not null,
  event text collate "C" not null,
  day date not null,
  part int not null,
  happened_on date not null,
  description text not null,
  currency text not null,
  amount bigint not null,
  primary key (counterparty, is_ours, event),
  foreign key (counterparty, day, is_ours, part) references ledger.statement
);

create index statement_line_day on ledger.statement_line (counterparty, day);
comment on index ledger.statement_line_day is 'The lines of one statement.';

create trigger statement_append_only
before update or delete or truncate on ledger.statement
for each statement execute function ledger.refuse_change();

create trigger statement_line_append_only
before update or delete or truncate on ledger.statement_line
for each statement execute function ledger.refuse_change();
