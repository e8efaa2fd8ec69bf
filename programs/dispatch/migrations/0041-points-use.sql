-- Why: a point is evidence for a license or can be spent, never both. What a member registered for decides, for what
-- becomes final from then on. And a final result that is found wrong later takes its points back (recalled).
-- Lock: access exclusive on points_entry, points_tally and terminal_work. points_entry is read once for its check; the
-- primary keys of the other two are built anew (rows: members, and terminals times days).

alter table points_entry drop constraint points_entry_kind_known;
alter table points_entry
  add constraint points_entry_kind_known check (kind in ('accepted', 'committed', 'finalized', 'forfeited', 'recalled'));

alter table points_tally drop constraint points_tally_kind_known;
alter table points_tally
  add constraint points_tally_kind_known check (kind in ('accepted', 'committed', 'finalized', 'forfeited', 'recalled')),
  add column use text not null default 'spend',
  add constraint points_tally_use_known check (use in ('evidence', 'spend')),
  drop constraint points_tally_pkey,
  add primary key (member_number, rate_version, kind, use);
alter table points_tally alter column use drop default;

alter table terminal_work drop constraint terminal_work_kind_known;
alter table terminal_work
  add constraint terminal_work_kind_known check (kind in ('accepted', 'committed', 'finalized', 'forfeited', 'recalled')),
  add column use text not null default 'spend',
  add constraint terminal_work_use_known check (use in ('evidence', 'spend')),
  drop constraint terminal_work_pkey,
  add primary key (terminal_number, day, rate_version, kind, use);
alter table terminal_work alter column use drop default;

-- What a terminal's work was for at an instant: evidence where the newest registration in force then was for an
-- application, else points to be spent. Without one in force the nearest decides: points outlive their registration.
create function points_use(terminal bigint, instant timestamptz) returns text
language sql stable as $$
  select coalesce((
    select case kind when 'application' then 'evidence' else 'spend' end
    from registration
    where terminal_number = terminal
    order by
      (registered_at <= instant and (ended_at is null or ended_at > instant)) desc,
      (registered_at <= instant) desc,
      case when registered_at <= instant then registered_at end desc nulls last,
      registered_at
    limit 1
  ), 'spend')
$$;

-- Under which use fuel is summed up. What is in escrow has none yet: with two sums each rounded down, what becomes final
-- under one of them could be more than is in escrow.
create function points_tally_use(kind text, use text) returns text
language sql immutable as $$
  select case when kind in ('committed', 'forfeited') then 'spend' else use end
$$;

-- Entries with what they are for. Most terminals only ever had one kind of registration, so few are looked up one by one.
create function points_entries(after bigint, last bigint)
returns table (
  id bigint, member_number bigint, terminal_number bigint, rate_version int, kind text, use text, fuel bigint, units int, at timestamptz
)
language sql stable as $$
  with batch as materialized (
    select e.id, e.member_number, e.terminal_number, j.rate_version, e.kind, e.fuel, e.units, e.at
    from points_entry e
    join job j on j.number = e.job_number
    where e.id > after
      and e.id <= last
  ),
  choice as materialized (
    select r.terminal_number, min(r.kind) as kind, min(r.kind) <> max(r.kind) as varies
    from registration r
    where r.terminal_number in (select terminal_number from batch)
    group by r.terminal_number
  )
  select b.id, b.member_number, b.terminal_number, b.rate_version, b.kind,
         case
           when c.varies then points_use(b.terminal_number, b.at)
           when c.kind = 'application' then 'evidence'
           else 'spend'
         end,
         b.fuel, b.units, b.at
  from batch b
  left join choice c on c.terminal_number = b.terminal_number
$$;
