-- Why: what trust costs, shown to the contractor live and to each customer in a sentence: kept as sums with the job, so
-- that reading them does not grow with its units.
-- Lock: access exclusive on job_cursor for an instant; constant defaults rewrite nothing.

-- Units that were computed again, those of them by the reference executor, and units whose result was dropped.
alter table job_cursor add column units_checked bigint not null default 0;
alter table job_cursor add column units_by_reference bigint not null default 0;
alter table job_cursor add column units_dropped bigint not null default 0;
-- Checks drawn at random, and those that found a wrong result: what the expected error is estimated from.
alter table job_cursor add column checks_drawn bigint not null default 0;
alter table job_cursor add column checks_failed bigint not null default 0;
alter table job_cursor add constraint job_cursor_trust_sums check (
  units_checked >= units_by_reference and units_by_reference >= 0 and units_dropped >= 0 and checks_drawn >= checks_failed and checks_failed >= 0
);
