-- Why: a month that was closed stays as it was told: its balances are kept, with the head of the chain, and nothing is
-- booked into it afterwards. A correction belongs to the month in which it is made.
-- Lock: share row exclusive on journal for an instant, for the trigger; share while the index is built (a block range index
-- reads the table once and is tiny).

-- Journals come nearly in the order of their time, so that ranges of blocks are enough.
create index journal_at on ledger.journal using brin (at);
comment on index ledger.journal_at is 'The statement of a period, its export, and its closing.';

create table ledger.closing (
  month text collate "C" primary key,
  -- The first instant that is not in the month, in UTC.
  until timestamptz not null unique,
  -- Since the closing before.
  journals bigint not null,
  chain_position bigint not null,
  chain_hash bytea not null,
  closed_at timestamptz not null,
  constraint closing_month_form check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  constraint closing_after_its_month check (closed_at >= until)
);

-- posted is on the normal side of the account, as in balance.
create table ledger.closing_balance (
  month text collate "C" not null references ledger.closing,
  account_id bigint not null references ledger.account,
  posted bigint not null,
  primary key (month, account_id)
);

create trigger closing_append_only
before update or delete or truncate on ledger.closing
for each statement execute function ledger.refuse_change();

create trigger closing_balance_append_only
before update or delete or truncate on ledger.closing_balance
for each statement execute function ledger.refuse_change();

-- Whoever books something as old as a closing may reach takes turns with the closing (the exclusive side of this lock, see
-- close-month.ts): it then either comes before it and is counted, or after it and is refused. Ordinary journals are of
-- this minute and pay one comparison.
create function ledger.refuse_closed_month() returns trigger
language plpgsql as $$
begin
  if exists (select from written where at < clock_timestamp() - interval '30 minutes') then
    perform pg_advisory_xact_lock_shared(hashtextextended('ledger closing', 0));
  end if;
  if exists (select from written where at < (select max(until) from ledger.closing)) then
    raise exception 'a month that was closed takes no more journals: book it now'
      using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end
$$;

create trigger journal_in_open_month
after insert on ledger.journal
referencing new table as written
for each statement execute function ledger.refuse_closed_month();

-- Closed months whose balances are not what the postings say: empty at every instant.
create view ledger.closing_defect as
select 'closing-not-fold' as rule, coalesce(f.month, b.month) || ' ' || a.code as subject,
       'closed at ' || coalesce(b.posted, 0) || ', postings say ' || coalesce(f.posted, 0) as detail
from (
  select c.month, p.account_id, sum(case x.side when 'D' then p.amount else -p.amount end) as posted
  from ledger.closing c
  join ledger.journal j on j.at < c.until
  join ledger.posting p on p.journal_id = j.id
  join ledger.account x on x.id = p.account_id
  group by c.month, p.account_id
) f
full join ledger.closing_balance b on b.month = f.month and b.account_id = f.account_id
join ledger.account a on a.id = coalesce(f.account_id, b.account_id)
where coalesce(b.posted, 0) <> coalesce(f.posted, 0);
