-- Why: a finished job's rows (a million units, their results) are deleted in batches, so that nothing else waits and a crash
-- goes on where it was.
-- Lock: access exclusive on job for an instant (a column with a constant default).

-- Units before this one have no rows any more.
alter table job add column rows_deleted int not null default 0;
