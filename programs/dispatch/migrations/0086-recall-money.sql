-- Why: what a recall does to money. A result that was final and paid is found wrong: its points are taken back, and where
-- the right result took less fuel, the customer's invoice is credited the difference, once the corrected merge is there.
-- Lock: access exclusive on job_correction and credit_note for an instant (columns without a default), share on
-- job_correction while its small index is built.

-- credited_at: what the correction means for the invoice is done; credit_note_number: by this note, where it was less fuel.
alter table job_correction
  add column credited_at timestamptz,
  add column credit_note_number bigint references credit_note (number),
  add constraint job_correction_credited_when_merged check (credited_at is null or merged_at is not null),
  add constraint job_correction_note_when_credited check (credit_note_number is null or credited_at is not null);

-- For the loop that credits.
create index job_correction_to_credit on job_correction (job_number) where merged_at is not null and credited_at is null;

-- Of a note that a correction made: the units found wrong, and the fuel of the right results of the whole job.
alter table credit_note
  add column corrected_units bigint,
  add column corrected_fuel numeric,
  add constraint credit_note_corrected_both check ((corrected_units is null) = (corrected_fuel is null));

-- The fuel of what stands now of a job: of its phases where it has some. Whatever was corrected after its end is in it.
create function standing_fuel(owner bigint) returns numeric
language sql stable as $$
  select sum(coalesce(c.fuel, part.fuel))
  from job
  join job part on part.parent_number = job.number or (part.number = job.number and job.current_phase is null)
  left join job_cursor c on c.job_number = part.number
  where job.number = owner
$$;

-- What must never be between corrections and invoices; empty at any instant.
create view correction_defect as
select 'charged-for-wrong-fuel' as name,
       'invoice ' || i.document_number || ': ' || i.net_milli - n.credited || ' charged, the right results are worth ' || w.worth as detail
from job_correction c
join job part on part.number = c.job_number
join invoice_line l on l.job_number = coalesce(part.parent_number, part.number)
join invoice i on i.number = l.invoice_number
join rate_card r on r.version = l.rate_version
cross join lateral (
  select coalesce(sum(net_milli), 0) as credited from credit_note where invoice_number = i.number
) n
cross join lateral (
  -- Rounded twice as an invoice is: to thousandths of a coin, then to coins.
  select 1000 * div(
    2 * div(
      2 * standing_fuel(l.job_number) * r.price_milli * l.factor_thousandths + r.per_fuel::numeric * 1000,
      r.per_fuel::numeric * 2000
    ) + 1000, 2000
  ) as worth
) w
where not exists (select from invoice_void v where v.invoice_number = i.number)
  and not exists (
    select
    from job_correction waiting
    join job owner on owner.number = waiting.job_number
    where coalesce(owner.parent_number, owner.number) = l.job_number
      and waiting.credited_at is null
  )
  and i.net_milli - n.credited > w.worth

union all
select 'correction-note-of-another-job', 'note ' || n.document_number
from job_correction c
join credit_note n on n.number = c.credit_note_number
join job part on part.number = c.job_number
join invoice_line l on l.invoice_number = n.invoice_number
where l.job_number <> coalesce(part.parent_number, part.number);

-- As before; what was paid and is taken back later is no escrow, and is compared with the results that stand as paid.
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
      select job_number, terminal_number, 0, fuel from audit where points = 'pending'
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
