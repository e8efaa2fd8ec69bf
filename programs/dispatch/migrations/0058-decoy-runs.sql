-- Why: a decoy's known wrong answer is a run like any other until it was compared, and must not be seen by the customer: the
-- outputs that are shown before the job's end leave it out.
-- Lock: access exclusive on trust_run for an instant (a constant default rewrites nothing); the index of the few such runs
-- reads the table once, about a second for ten million runs, and reports wait for it.
alter table trust_run add column is_decoy boolean not null default false;

-- For leaving them out.
create index trust_run_decoy on trust_run (job_number, first_unit) where is_decoy;

create view shown_run as
select a.job_number, a.first_unit, a.units, a.assignment_id, a.result_first_unit
from accepted_run a
where not exists (
  select
  from trust_run r
  where r.job_number = a.job_number
    and r.first_unit = a.first_unit
    and r.is_decoy
);
