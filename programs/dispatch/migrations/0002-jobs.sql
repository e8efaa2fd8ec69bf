-- Why: jobs, their units, and the hot path that hands units out and takes results in (SPEC B1–B6, B9; HOTPATH.md).
-- Three kinds of table. Cold: unit, written once by COPY and never updated. Hot and small: assignment, reissue,
-- feeder_block, job_cursor, only what is under way now. Append-only: result, agreed_run, points_entry.
-- Hot tables hold numbers only and have no foreign keys: a key check is a row lock for every unit handed out.
-- Lock: creates new objects only; takes no lock on existing tables but customer, member, terminal and rate_card
-- (share row exclusive, for the foreign keys, for an instant), so its time does not depend on their size.

-- What is stored, under its SHA-256. The bytes themselves are in the blob store.
create table blob (
  sha256 text collate "C" primary key,
  bytes bigint not null,
  stored_at timestamptz not null,
  constraint blob_sha256_form check (sha256 ~ '^[0-9a-f]{64}$'),
  constraint blob_bytes_not_negative check (bytes >= 0)
);

-- Who may use a blob: whoever has uploaded these bytes. Knowing a digest is not enough.
create table blob_owner (
  sha256 text collate "C" not null references blob (sha256),
  customer_number bigint references customer (number),
  terminal_number bigint references terminal (number),
  constraint blob_owner_one_party check (num_nonnulls(customer_number, terminal_number) = 1),
  constraint blob_owner_once unique nulls not distinct (sha256, customer_number, terminal_number)
);

-- A program that was admitted, by the SHA-256 of what the customer uploaded.
create table program (
  sha256 text collate "C" primary key references blob (sha256),
  cost_table int not null,
  admitted_at timestamptz not null
);

-- The rewritten forms that terminals run, each signed by the contractor.
create table program_artefact (
  program_sha256 text collate "C" not null references program (sha256),
  kind text not null,
  -- The bound on its memory, written into it.
  memory_pages int not null,
  sha256 text collate "C" not null references blob (sha256),
  bytes bigint not null,
  signature text not null,
  primary key (program_sha256, memory_pages, kind),
  constraint program_artefact_kind_known check (kind in ('fast', 'strict'))
);

create table job (
  id uuid primary key,
  number bigint generated always as identity unique,
  customer_number bigint not null references customer (number),
  name text not null,
  spec jsonb not null,
  -- Of the canonical spec: tells a repeated submission from another job under the same id.
  spec_sha256 text collate "C" not null,
  state text not null default 'splitting',
  reason_code text not null,
  reason_detail text,
  rate_version int not null references rate_card (version),
  artefact_kind text not null,
  -- The bound on the program's memory; 256 MiB where the customer did not say.
  memory_pages int not null default 4096,
  -- Put before each unit's bytes; cut from the input by the split.
  header bytea not null default '',
  -- Known when the split is done.
  unit_count int,
  -- Canonical fuel and units, copied from job_cursor when all results are in; the price is worked out from these.
  fuel numeric not null default 0,
  units_done int not null default 0,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  result_sha256 text collate "C" references blob (sha256),
  failure jsonb,
  constraint job_state_known check (state in ('splitting', 'running', 'merging', 'done', 'failed', 'cancelled')),
  constraint job_artefact_kind_known check (artefact_kind in ('fast', 'strict')),
  constraint job_ended_with_instant check ((state in ('done', 'failed', 'cancelled')) = (ended_at is not null)),
  constraint job_done_with_result check ((state = 'done') = (result_sha256 is not null)),
  constraint job_fuel_whole check (fuel >= 0 and fuel = trunc(fuel))
);

-- For a customer's list of jobs, newest first.
create index job_customer on job (customer_number, number desc);
-- For the loops and for what is handed out: few rows are not ended.
create index job_under_way on job (state) where state in ('splitting', 'running', 'merging');

-- Units of a job, consecutive and disjoint: bytes of the input, or places in a range of numbers.
create table unit (
  job_number bigint not null,
  index int not null,
  input_offset bigint not null,
  input_length int not null,
  primary key (job_number, index)
);

-- How far a job is. One narrow row a job, updated once a batch, so that the updates are heap-only.
create table job_cursor (
  job_number bigint primary key references job (number),
  -- Different members that must agree on each unit.
  copies int not null,
  unit_count int not null,
  -- Units before this one were handed to a feeder at least once.
  next_unit int not null default 0,
  -- Units accepted, and their canonical fuel.
  units_done int not null default 0,
  fuel numeric not null default 0,
  -- False from the moment the job fails or is cancelled: nothing is handed out and nothing counts any more.
  is_open boolean not null default true,
  -- The first accepted result with a failed unit; a loop turns it into a failed job.
  failed_result bigint,
  -- True when a closed job's rows in the hot tables were deleted.
  is_swept boolean not null default false,
  constraint job_cursor_in_bounds check (next_unit between 0 and unit_count and units_done between 0 and unit_count)
) with (fillfactor = 10);

-- For the loop that looks for jobs whose results are all in, or that failed.
create index job_cursor_settled on job_cursor (job_number)
where is_open and (units_done = unit_count or failed_result is not null);
-- For the loop that sweeps up.
create index job_cursor_unswept on job_cursor (job_number) where not is_open and not is_swept;

-- Assignment ids: a replica takes a block of a million and counts in memory, so ids never repeat, whoever crashes.
create sequence assignment_block;

-- A run of consecutive units that is out at a terminal now.
create table assignment (
  id bigint primary key,
  job_number bigint not null,
  first_unit int not null,
  units int not null,
  terminal_number bigint not null,
  member_number bigint not null,
  -- True for a second computation of a run that was reported already.
  is_copy boolean not null,
  -- Which call it answers: a repeated call gets the same assignments again.
  cycle_key bigint not null,
  issued_at timestamptz not null,
  deadline timestamptz not null,
  constraint assignment_units_positive check (units > 0)
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- What came back: one row for a run or for the part of it that was computed. Never updated.
create table result (
  assignment_id bigint not null,
  job_number bigint not null,
  first_unit int not null,
  units int not null,
  terminal_number bigint not null,
  member_number bigint not null,
  is_copy boolean not null,
  fuel bigint not null,
  -- 32 bytes a unit: the identity of its result (result-identity.ts).
  digests bytea not null,
  -- Fuel and output of each unit (packed-run.ts).
  outputs bytea not null,
  -- Outputs too long to be inline: [{at, sha256, bytes}].
  blobs jsonb,
  -- Failed units: [{at, exitCode | trap, stderr}].
  failures jsonb,
  at timestamptz not null,
  -- By job and place first: for merging in order, recovery, and the votes on a run.
  primary key (job_number, first_unit, assignment_id),
  constraint result_digests_fit check (octet_length(digests) = units * 32)
);
-- Outputs are mostly small or already dense: compressing them costs more than it saves.
alter table result alter column outputs set storage external;
alter table result alter column digests set storage external;

-- For a repeated report, which names only the assignment.
create unique index result_assignment on result (assignment_id);

-- Units that were handed out and came back without a result, or were given back by a feeder.
create table reissue (
  job_number bigint not null,
  first_unit int not null,
  units int not null,
  -- Who could not finish the first of these units: somebody else goes first.
  returned_by bigint,
  primary key (job_number, first_unit),
  constraint reissue_units_positive check (units > 0)
);

-- A window of units that a replica holds in memory. Renewed while it lives; what a dead replica held is worked
-- out from what was handed out of it. Claims lock the row, so nothing is handed out of a recovered window.
create table feeder_block (
  id bigint generated always as identity primary key,
  replica bigint not null,
  job_number bigint not null,
  first_unit int not null,
  units int not null,
  expires_at timestamptz not null,
  constraint feeder_block_units_positive check (units > 0)
);

-- Units that terminals gave back because of the unit itself: too much stack, time or memory.
create table unit_return (
  job_number bigint not null,
  unit int not null,
  terminal_number bigint not null,
  cause text not null,
  at timestamptz not null
);

-- For the returns of one unit, and for forgetting a job's.
create index unit_return_unit on unit_return (job_number, unit);

-- Runs of jobs with several copies on which members have not agreed yet. Disjoint; split where a copy covers a part.
create table copy_run (
  job_number bigint not null,
  first_unit int not null,
  units int not null,
  -- Members who have computed it or are computing it: each is asked once.
  members bigint[] not null,
  -- Results wanted before it is decided, results in, assignments out.
  wanted int not null,
  votes int not null,
  issued int not null,
  -- True when a result came in since the last decision.
  is_due boolean not null,
  primary key (job_number, first_unit),
  constraint copy_run_counts check (units > 0 and votes >= 1 and issued >= 0 and wanted >= 1)
);

-- For the loop that decides.
create index copy_run_due on copy_run (job_number, first_unit) where is_due;

-- Which result was believed for a run of a job with several copies.
create table agreed_run (
  job_number bigint not null,
  first_unit int not null,
  units int not null,
  assignment_id bigint not null,
  fuel bigint not null,
  primary key (job_number, first_unit)
);

-- What terminals earned, one row a report. accepted: committed and final at once. committed: agreement is awaited;
-- finalized or forfeited: how that ended.
create table points_entry (
  id bigint generated always as identity primary key,
  member_number bigint not null,
  terminal_number bigint not null,
  job_number bigint not null,
  kind text not null,
  fuel bigint not null,
  units int not null,
  at timestamptz not null,
  constraint points_entry_kind_known check (kind in ('accepted', 'committed', 'finalized', 'forfeited'))
);

-- Which terminals a job went to: for the customer's view.
create table job_terminal (
  job_number bigint not null,
  terminal_number bigint not null,
  primary key (job_number, terminal_number)
);

-- What is accepted of each job, run by run, whatever its copies. The merger reads it in order of first_unit.
create view accepted_run as
select result.job_number, result.first_unit, result.units, result.assignment_id, result.first_unit as result_first_unit
from result
join job_cursor using (job_number)
where job_cursor.copies = 1
union all
select agreed_run.job_number, agreed_run.first_unit, agreed_run.units, agreed_run.assignment_id, result.first_unit
from agreed_run
join result using (job_number, assignment_id);

-- Where each unit of an open job is that is not in a feeder's window: out for the first time, in, or to go out again.
create view held_run as
select job_number, first_unit, units from assignment where not is_copy
union all
select job_number, first_unit, units from reissue
union all
select result.job_number, result.first_unit, result.units
from result
where not result.is_copy;

-- Defects of the hot path; empty at any time. Tests of every kind ask it; so may an operator.
create function dispatch_defects() returns table (name text, job bigint, detail text)
language sql stable
begin atomic
  -- No unit is accepted twice.
  select 'accepted twice', a.job_number, format('units %s+%s and %s+%s', a.first_unit, a.units, b.first_unit, b.units)
  from accepted_run a
  join accepted_run b
    on b.job_number = a.job_number
    and b.first_unit < a.first_unit + a.units
    and b.first_unit + b.units > a.first_unit
    and (b.first_unit, b.assignment_id) > (a.first_unit, a.assignment_id)
  union all
  -- What is counted is what is accepted.
  select 'count differs', c.job_number, format('%s counted, %s accepted', c.units_done, coalesce(sum(a.units), 0))
  from job_cursor c
  left join accepted_run a on a.job_number = c.job_number
  group by c.job_number, c.units_done
  having c.units_done <> coalesce(sum(a.units), 0)
  union all
  -- A unit is first-computed, out, or waiting to go out again; never two of these at once.
  select 'held twice', p.job_number, format('%s units in all, %s different', p.total, p.distinct_units)
  from (
    select held.job_number, sum(held.units) as total,
      (select sum(upper(r) - lower(r)) from unnest(range_agg(int4range(held.first_unit, held.first_unit + held.units))) r) as distinct_units
    from held_run held
    group by held.job_number
  ) p
  where p.total <> p.distinct_units
  union all
  -- A unit that the cursor has passed is somewhere: held as above, or in a feeder's window.
  select 'lost', lost.job_number, lost.gaps::text
  from (
    select c.job_number,
      int4multirange(int4range(0, c.next_unit)) - coalesce((
        select range_agg(int4range(covered.first_unit, covered.first_unit + covered.units))
        from (
          select held.first_unit, held.units from held_run held where held.job_number = c.job_number
          union all
          select b.first_unit, b.units from feeder_block b where b.job_number = c.job_number
        ) covered
      ), int4multirange()) as gaps
    from job_cursor c
    where c.is_open
  ) lost
  where not isempty(lost.gaps);
end;
