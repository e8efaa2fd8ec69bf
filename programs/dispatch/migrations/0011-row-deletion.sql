-- Why: a finished job's rows (a million units, their results) are deleted in batches, so that nothing else waits and a crash
-- goes on where it was. What is left is the job's own row, its invoice, what members earned, and how trust was decided.
-- Lock: access exclusive on job for an instant (columns without or with constant defaults), and while an index is built that
-- reads the job table once.

alter table job
  -- Set when the rows are wanted away.
  add column rows_unwanted_at timestamptz,
  -- Units before this one have no rows any more.
  add column rows_deleted int not null default 0,
  -- Set when none is left.
  add column rows_deleted_at timestamptz;

-- For the loop that deletes: few jobs wait for it.
create index job_rows_unwanted on job (number) where rows_unwanted_at is not null and rows_deleted_at is null;
