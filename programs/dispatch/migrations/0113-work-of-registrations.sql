-- Why: a month of a terminal's work pays one fee for each vendor and product, however often the terminal is registered anew, and a
-- registration rests on no work from before it or after it. Work is summed up by day, so what a terminal had done of the day at the
-- instant when a registration began or ended is kept.
-- Lock: access exclusive on registration and claim for an instant, for columns without a default; share on claim while the index is
-- built, over no rows; claim is read once for its check.

-- Work of the UTC day up to the instant, as terminal_work_in gives it. Null on registrations that began or ended before this
-- migration: they rest on whole days.
alter table registration
  add column began_work jsonb,
  add column ended_work jsonb;

-- What a terminal did on these days, the first included and the last not: what is summed up, and the entries that are not yet. In
-- one statement, so that a batch that is summed up meanwhile is neither counted twice nor missed.
create function terminal_work_in(terminal bigint, first_day date, day_before date)
returns table (day date, kind text, use text, rate_version int, fuel numeric, units bigint)
language sql stable as $$
  select w.day, w.kind, w.use, w.rate_version, w.fuel, w.units
  from terminal_work w
  where w.terminal_number = terminal
    and w.day >= first_day
    and w.day < day_before
  union all
  select (e.at at time zone 'UTC')::date, e.kind, points_use(e.terminal_number, e.at), j.rate_version, e.fuel, e.units
  from points_entry e
  join job j on j.number = e.job_number
  where e.id > (select last_entry from points_position)
    and e.terminal_number = terminal
    and (e.at at time zone 'UTC')::date >= first_day
    and (e.at at time zone 'UTC')::date < day_before
$$;

-- What a terminal had done of the instant's day, now.
create function terminal_work_of_day(terminal bigint, instant timestamptz) returns jsonb
language sql stable as $$
  select coalesce(
    jsonb_agg(jsonb_build_object('kind', kind, 'use', use, 'rate_version', rate_version, 'fuel', fuel, 'units', units)), '[]')
  from (
    select kind, use, rate_version, sum(fuel) as fuel, sum(units) as units
    from terminal_work_in(terminal, (instant at time zone 'UTC')::date, (instant at time zone 'UTC')::date + 1)
    group by kind, use, rate_version
  ) w
$$;

-- What a registration's terminal did on these days while it was in force.
create function registration_work_in(registration_id uuid, first_day date, day_before date)
returns table (kind text, use text, rate_version int, fuel numeric, units numeric)
language sql stable as $$
  with term as (
    select terminal_number, (registered_at at time zone 'UTC')::date as began_on, (ended_at at time zone 'UTC')::date as ended_on,
           began_work, ended_work
    from registration
    where id = registration_id
  )
  select w.kind, w.use, w.rate_version, greatest(sum(w.fuel), 0), greatest(sum(w.units), 0)
  from (
    select w.kind, w.use, w.rate_version, w.fuel, w.units
    from term t
    cross join terminal_work_in(t.terminal_number, greatest(first_day, t.began_on), least(day_before, t.ended_on + 1)) w
    where w.day is distinct from case when t.ended_work is not null then t.ended_on end
    union all
    select w.kind, w.use, w.rate_version, w.fuel, w.units
    from term t
    cross join jsonb_to_recordset(t.ended_work) w(kind text, use text, rate_version int, fuel numeric, units bigint)
    where t.ended_on >= first_day
      and t.ended_on < day_before
    union all
    select w.kind, w.use, w.rate_version, -w.fuel, -w.units
    from term t
    cross join jsonb_to_recordset(t.began_work) w(kind text, use text, rate_version int, fuel numeric, units bigint)
    where t.began_on >= first_day
      and t.began_on < day_before
  ) w
  group by w.kind, w.use, w.rate_version
$$;

-- Of a fee by the month: what it is paid once for. Null on claims from before, of which several may be for the same work.
alter table claim
  add column terminal_number bigint references terminal (number),
  add column product text collate "C",
  add constraint claim_month_of_terminal check (
    (terminal_number is null) = (product is null) and (terminal_number is null or month is not null)
  );

create unique index claim_month_once on claim (vendor_number, terminal_number, product, month)
where kind = 'license-fee' and state = 'accrued';
