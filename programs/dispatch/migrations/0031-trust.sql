-- Why: which results are believed (TRUST.md): what was committed is audited after its commit, held back, made final or
-- taken back. The hot path only appends (trust_run, with the result); one loop at a time decides, from rows, so a server
-- that starts again goes on where it was. `copies` stays for jobs that name it.
-- Lock: access exclusive on job_cursor, job and assignment for an instant; columns have constant defaults, so nothing is
-- rewritten, and the job's check reads the table once.

-- The job's level; null: its copies decide.
alter table job_cursor add column trust text;
alter table job_cursor add column units_final int not null default 0;
alter table job_cursor add constraint job_cursor_trust_known check (trust in ('economy', 'standard', 'high', 'strict'));
alter table job_cursor add constraint job_cursor_final_in_bounds check (units_final between 0 and unit_count);

alter table job drop constraint job_state_known;
alter table job add constraint job_state_known
check (state in ('splitting', 'running', 'provisional', 'merging', 'done', 'failed', 'cancelled'));

-- Which form of the program a reference executor is to run, where it is not the job's.
alter table assignment add column artefact text;

-- The network (a hash of /24 or /48; 0 unknown) and version that a terminal was last seen with.
alter table terminal_presence add column network int not null default 0;
alter table terminal_presence add column agent_version text;

-- What is known of a terminal: the row that decide() reads. Written by the deciding loop only.
create table terminal_trust (
  terminal_number bigint primary key references terminal (number),
  member_number bigint not null,
  network int not null,
  week int not null,
  standing text not null,
  is_decoy boolean not null,
  probation_passed int not null,
  passed int not null,
  drawn int not null,
  reentries int not null,
  -- Of a revoked one: results that are computed again, and how that went.
  recalls_out int not null default 0,
  recalls_done int not null default 0,
  recalls_wrong int not null default 0,
  is_recall_isolated boolean not null default true,
  -- When it last committed, and the version that it did so with.
  active_at timestamptz not null,
  agent_version text,
  constraint terminal_trust_standing_known check (standing in ('probation', 'trusted', 'revoked')),
  constraint terminal_trust_counts check (probation_passed >= 0 and passed >= 0 and drawn >= 0 and reentries >= 0)
) with (fillfactor = 70);

-- For the pool of partners.
create index terminal_trust_pool on terminal_trust (terminal_number) where standing = 'trusted';

-- The result that stands for consecutive units of a job with a trust level. Disjoint.
--
--   committed ──decided──> open ──audits passed, or flushed──> final
--       └────────────── dropped (the row moves to dropped_run, the units go out again) <──┘ open only
create table trust_run (
  job_number bigint not null,
  first_unit int not null,
  units int not null,
  assignment_id bigint not null,
  terminal_number bigint not null,
  member_number bigint not null,
  fuel bigint not null,
  state text not null default 'committed',
  -- Audits that its terminal must have passed.
  final_after int,
  -- True while a copy or a judgement is wanted: it is not final meanwhile.
  awaits boolean not null default false,
  -- Who agreed: a terminal, or 0 for the reference executor.
  voucher bigint,
  -- True when a check drawn at random was passed.
  is_sampled boolean not null default false,
  -- pending: in escrow; abandoned work of a job that failed or was cancelled is pending or paid like a final one.
  points text not null default 'pending',
  committed_at timestamptz not null,
  final_at timestamptz,
  primary key (job_number, first_unit),
  constraint trust_run_units_positive check (units > 0),
  constraint trust_run_state_known check (state in ('committed', 'open', 'final', 'abandoned')),
  constraint trust_run_points_known check (points in ('pending', 'paid', 'forfeited')),
  constraint trust_run_final_with_instant check ((state = 'final') = (final_at is not null)),
  constraint trust_run_paid_when_over check (points <> 'paid' or state in ('final', 'abandoned'))
) with (fillfactor = 80);

-- For the loop: what is not decided yet, oldest first.
create index trust_run_due on trust_run (committed_at, assignment_id) where state = 'committed';
-- For what a terminal's passed audits make final, for its escrow, and for its revocation.
create index trust_run_terminal on trust_run (terminal_number, state, final_after);
-- For the flush of a job.
create index trust_run_open on trust_run (job_number, terminal_number) where state = 'open';

-- What was dropped because of its terminal; what comes in its place is compared with it.
create table dropped_run (
  job_number bigint not null,
  first_unit int not null,
  units int not null,
  assignment_id bigint not null,
  terminal_number bigint not null,
  dropped_at timestamptz not null,
  -- Units that came again so far, and whether one was different.
  compared_units int not null default 0,
  is_wrong boolean not null default false,
  primary key (job_number, first_unit, assignment_id)
);

-- For the comparison.
create index dropped_run_waiting on dropped_run (job_number, first_unit) where compared_units < units;

-- A second computation of a result, and the record of it.
--
--   wanted ──taken──> out ──reported──> in ──decided──> done
--     └──too late──> lapsed <──returned, too late──┘ └──decided──> done
create table audit (
  id bigint generated always as identity primary key,
  job_number bigint not null,
  first_unit int not null,
  units int not null,
  -- What is checked, and whose it is.
  author_assignment bigint not null,
  author_terminal bigint not null,
  kind text not null,
  reason text not null,
  -- Who computes it; null: the reference executor.
  by_terminal bigint,
  -- The form to run, where it is not the job's.
  artefact text,
  -- Of a judgement: the copy that is judged as well.
  judged_assignment bigint,
  judged_terminal bigint,
  state text not null default 'wanted',
  -- The copy's own assignment, terminal, and what it claims.
  assignment_id bigint,
  terminal_number bigint,
  fuel bigint not null default 0,
  result_units int not null default 0,
  -- none: nobody's, or the contractor's own.
  points text not null default 'none',
  outcome text,
  wanted_at timestamptz not null,
  lapses_at timestamptz,
  done_at timestamptz,
  constraint audit_kind_known check (kind in ('copy', 'judge')),
  constraint audit_state_known check (state in ('wanted', 'out', 'in', 'lapsed', 'done')),
  constraint audit_points_known check (points in ('none', 'pending', 'paid', 'forfeited')),
  constraint audit_done_with_outcome check ((state = 'done') = (outcome is not null and done_at is not null))
) with (fillfactor = 80);

-- For handing them out.
create index audit_wanted on audit (by_terminal, id) where state = 'wanted';
-- For the loop that decides, and for what is too late.
create index audit_due on audit (id) where state in ('in', 'lapsed');
create index audit_open on audit (lapses_at) where state in ('wanted', 'out');
-- For reports.
create unique index audit_assignment on audit (assignment_id) where state = 'out';
-- A result awaits one copy, or one judgement in up to two forms. Also tells whether a job is quiet.
create unique index audit_once on audit (job_number, first_unit, coalesce(artefact, '')) where state <> 'done';
-- For paying copies with the result that they confirmed, and for what a terminal's copies still hold.
create index audit_author on audit (author_assignment);
create index audit_points on audit (terminal_number) where points = 'pending';

-- A job's end: whose open results were sampled, and when.
create table job_flush (
  job_number bigint not null,
  terminal_number bigint not null,
  drawn_at timestamptz not null,
  primary key (job_number, terminal_number)
);

-- The trusted terminals that were seen lately, each time that they changed: a draw names the one that it was made from.
create table trust_pool (
  version bigint generated always as identity primary key,
  at timestamptz not null,
  -- [[terminal, member, network, week], …] in the order of terminals.
  terminals jsonb not null
);

-- Every decision: what happened, what was known, what was done. Never changed; explains units and terminals.
create table trust_decision (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  job_number bigint not null,
  first_unit int not null,
  units int not null,
  assignment_id bigint not null,
  occasion text not null,
  terminal_number bigint not null,
  partner_number bigint,
  pool_version bigint not null,
  -- {terminal, partner, job} as decide() saw them.
  state jsonb not null,
  event jsonb not null,
  effects jsonb not null,
  constraint trust_decision_once unique (assignment_id, occasion, terminal_number)
);

-- For explaining a unit and a terminal.
create index trust_decision_unit on trust_decision (job_number, first_unit);
create index trust_decision_terminal on trust_decision (terminal_number, id);
create index trust_decision_partner on trust_decision (partner_number, id) where partner_number is not null;

-- A job that was done and of which a final result was found wrong: the merge is published again.
create table job_correction (
  job_number bigint not null references job (number),
  revision int not null,
  units int not null,
  fuel_before numeric not null,
  fuel_after numeric not null,
  found_at timestamptz not null,
  -- Null until the corrected merge is there.
  result_sha256 text collate "C" references blob (sha256),
  merged_at timestamptz,
  primary key (job_number, revision),
  constraint job_correction_merged check ((result_sha256 is null) = (merged_at is null))
);

-- For the loop that merges again.
create index job_correction_waiting on job_correction (job_number) where merged_at is null;

create or replace view accepted_run as
select result.job_number, result.first_unit, result.units, result.assignment_id, result.first_unit as result_first_unit
from result
join job_cursor using (job_number)
where job_cursor.copies = 1
  and job_cursor.trust is null
union all
select agreed_run.job_number, agreed_run.first_unit, agreed_run.units, agreed_run.assignment_id, result.first_unit
from agreed_run
join result using (job_number, assignment_id)
union all
-- Provisional until the job's last result is final.
select job_number, first_unit, units, assignment_id, first_unit
from trust_run;

create or replace view held_run as
select job_number, first_unit, units from assignment where not is_copy
union all
select job_number, first_unit, units from reissue
union all
select result.job_number, result.first_unit, result.units
from result
join job_cursor using (job_number)
where not result.is_copy
  and job_cursor.trust is null
union all
-- A result that was dropped is not in any more.
select job_number, first_unit, units
from trust_run;

-- Defects of trust; empty at any time.
create function trust_defects() returns table (name text, job bigint, detail text)
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
        case e.kind when 'committed' then e.fuel when 'accepted' then 0 else -e.fuel end as by_entries, 0 as by_results
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
  -- A job that is done has nothing that is not final.
  select 'done and not final', j.number, format('%s of %s units final', c.units_final, c.unit_count)
  from job j
  join job_cursor c on c.job_number = j.number
  where c.trust is not null
    and j.state in ('merging', 'done')
    and c.units_final <> c.unit_count;
end;

alter function dispatch_defects() rename to unit_defects;

-- Everything that must never be in the counts of work; empty at any time.
create function dispatch_defects() returns table (name text, job bigint, detail text)
language sql stable
begin atomic
  select name, job, detail from unit_defects()
  union all
  select name, job, detail from trust_defects();
end;
