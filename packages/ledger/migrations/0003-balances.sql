-- Why: the cached balance must equal the fold of the postings whoever writes them, so the database itself keeps it,
-- once per statement. A journal is written by one statement, which lets the same trigger refuse one that does not sum to zero.
-- Lock: share row exclusive on the new, empty tables; immediate.

create function ledger.open_balance() returns trigger
language plpgsql as $$
begin
  insert into ledger.balance (account_id, bounded)
  select id, bounded
  from opened;
  return null;
end
$$;

create trigger account_opens_balance
after insert on ledger.account
referencing new table as opened
for each statement execute function ledger.open_balance();

-- The plans are kept for the life of a connection: without the settings one that was made for a batch of thousands
-- (a hash of all accounts) would also serve a journal of two lines.
create function ledger.count_postings() returns trigger
language plpgsql
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  unbalanced bigint;
begin
  -- Whatever one statement adds to a journal sums to zero, so the whole journal does.
  select w.journal_id into unbalanced
  from written w
  join ledger.account a on a.id = w.account_id
  group by w.journal_id, a.commodity
  having sum(w.amount) <> 0
  limit 1;
  if found then
    raise exception 'journal % does not sum to zero', unbalanced using errcode = 'integrity_constraint_violation';
  end if;

  update ledger.balance b
  set posted = b.posted + change.amount
  from (
    select a.id, sum(case a.side when 'D' then w.amount else -w.amount end) as amount
    from written w
    join ledger.account a on a.id = w.account_id
    where a.bounded
    group by a.id
  ) change
  where b.account_id = change.id
    and b.stripe = 0;

  -- In the order of ids, so that two writers of the same stripe never wait for each other in a circle.
  insert into ledger.balance (account_id, stripe, bounded, posted)
  select a.id, pg_backend_pid() % 16, false, sum(case a.side when 'D' then w.amount else -w.amount end)
  from written w
  join ledger.account a on a.id = w.account_id
  where not a.bounded
  group by a.id
  order by a.id
  on conflict (account_id, stripe) do update set posted = ledger.balance.posted + excluded.posted;
  return null;
end
$$;

create trigger posting_counts
after insert on ledger.posting
referencing new table as written
for each statement execute function ledger.count_postings();

create function ledger.count_hold_parts() returns trigger
language plpgsql
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
  update ledger.balance b
  set held = b.held + change.amount
  from (
    select account_id, sum(amount) as amount
    from written
    group by account_id
  ) change
  where b.account_id = change.account_id
    and b.stripe = 0;
  return null;
end
$$;

create trigger hold_part_counts
after insert on ledger.hold_part
referencing new table as written
for each statement execute function ledger.count_hold_parts();

create function ledger.count_hold_resolutions() returns trigger
language plpgsql
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
  update ledger.balance b
  set held = b.held - change.amount
  from (
    select p.account_id, sum(p.amount) as amount
    from written w
    join ledger.hold_part p on p.hold_id = w.hold_id
    group by p.account_id
  ) change
  where b.account_id = change.account_id
    and b.stripe = 0;
  return null;
end
$$;

create trigger hold_resolution_counts
after insert on ledger.hold_resolution
referencing new table as written
for each statement execute function ledger.count_hold_resolutions();

-- One row per account, whatever its stripes. available is what a bounded account can still give.
create view ledger.account_balance as
select a.id as account_id, a.code, a.commodity, a.scale, a.side, a.bounded,
       sum(b.posted)::bigint as posted,
       sum(b.held)::bigint as held,
       sum(b.posted - b.held)::bigint as available
from ledger.account a
join ledger.balance b on b.account_id = a.id
group by a.id;
