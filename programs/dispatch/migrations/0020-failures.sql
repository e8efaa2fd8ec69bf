-- Why: a customer reads which units of a job failed, and how (`taika logs`), also of a job of a million units.
-- Lock: share on result while the index is built, so reports wait: results with a failure are few, but all are read
-- once, about a second for every million results.

-- For the list of a job's failed units, in order.
create index result_failed on result (job_number, first_unit, assignment_id) where failures is not null;
