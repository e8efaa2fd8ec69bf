-- Why: a copy was paid before anybody knew whether it was right: those of decoys, of recalls, of terminals that lost their standing
-- meanwhile, and those whose result was dropped. What no comparison settles waits for its own terminal's audits now.
-- Lock: access exclusive on audit for an instant (a column without a default); the small index is built under share.
alter table audit add column final_after int;

-- For what a terminal's passed audits pay of its copies.
create index audit_held on audit (terminal_number, final_after) where points = 'pending' and final_after is not null;

-- As before, but a copy that waits for its terminal's audits may outlive the data of its job.
create or replace function trust_defects() returns table (name text, job bigint, detail text)
language sql stable
begin atomic
  -- What is counted as final is final.
  select 'final count differs', c.job_number, format('%s counted, %s final', c.units_final, coalesce(sum(r.units), 0))
  from job_cursor c
  left join trust_run r on r.job_number = c.job_number and r.state = 'final'
  where c.trust is not null
  group by c.job_number, c.units_final
  having c.units_final <> coalesce(sum(r.units), 0)
  union all
  -- The fuel that the customer pays for is that of the results that stand.
  select 'fuel differs', c.job_number, format('%s counted, %s in results', c.fuel, coalesce(sum(r.fuel), 0))
  from job_cursor c
  left join trust_run r on r.job_number = c.job_number
  where c.trust is not null
  group by c.job_number, c.fuel
  having c.fuel <> coalesce(sum(r.fuel), 0)
  union all
  -- A result awaits a copy exactly while there is one on its way.
  select 'awaits nothing', r.job_number, format('units %s+%s', r.first_unit, r.units)
  from trust_run r
  where r.awaits
    and not exists (
      select from audit a
      where a.job_number = r.job_number and a.first_unit = r.first_unit and a.state <> 'done'
    )
  union all
  select 'audit of nothing', a.job_number, format('audit %s of units %s+%s', a.id, a.first_unit, a.units)
  from audit a
  where a.state <> 'done'
    and not exists (
      select from trust_run r
      where r.job_number = a.job_number and r.first_unit = a.first_unit and r.awaits
    )
  union all
  -- What was claimed is in escrow, paid or forfeited, each bit of fuel in one of these.
  select 'escrow differs', p.job_number,
    format('terminal %s: %s by entries, %s by results', p.terminal_number, p.by_entries, p.by_results)
  from (
    select job_number, terminal_number, sum(by_entries) as by_entries, sum(by_results) as by_results
    from (
      select e.job_number, e.terminal_number,
        case when e.kind = 'committed' then e.fuel when e.kind in ('finalized', 'forfeited') then -e.fuel else 0 end as by_entries, 0 as by_results
      from points_entry e
      join job_cursor c on c.job_number = e.job_number and c.trust is not null
      union all
      select job_number, terminal_number, 0, fuel from trust_run where points = 'pending'
      union all
      select a.job_number, a.terminal_number, 0, a.fuel
      from audit a
      join job_cursor c on c.job_number = a.job_number
      where a.points = 'pending'
    ) parts
    group by job_number, terminal_number
  ) p
  where p.by_entries <> p.by_results
  union all
  -- What was paid and not taken back is that of results and copies that stand as paid.
  select 'paid differs', p.job_number,
    format('terminal %s: %s by entries, %s by results', p.terminal_number, p.by_entries, p.by_results)
  from (
    select job_number, terminal_number, sum(by_entries) as by_entries, sum(by_results) as by_results
    from (
      select e.job_number, e.terminal_number,
        case e.kind when 'finalized' then e.fuel when 'recalled' then -e.fuel else 0 end as by_entries, 0 as by_results
      from points_entry e
      join job_cursor c on c.job_number = e.job_number and c.trust is not null
      union all
      select r.job_number, r.terminal_number, 0, r.fuel
      from trust_run r
      join job_cursor c on c.job_number = r.job_number
      where r.points = 'paid'
      union all
      select a.job_number, a.terminal_number, 0, a.fuel
      from audit a
      join job_cursor c on c.job_number = a.job_number
      where a.points = 'paid'
    ) parts
    group by job_number, terminal_number
  ) p
  where p.by_entries <> p.by_results
  union all
  -- A job that is done has nothing that is not final.
  select 'done and not final', j.number, format('%s of %s units final', c.units_final, c.unit_count)
  from job j
  join job_cursor c on c.job_number = j.number
  where c.trust is not null
    and j.state in ('merging', 'done')
    and c.units_final <> c.unit_count;
end;
