-- Why: a customer's data is deleted on request, and after the time that the contractor states; blobs that nothing names
-- any more are collected. What was paid for stays: the job's row with its name, fuel, units, price and dates.
-- Lock: access exclusive on job for an instant (columns without a default, a constraint that is checked against all
-- jobs), and share on job and result while indexes are built, each of which reads its table once.

alter table job
  add column deletion_requested_at timestamptz,
  -- Units, results, input, program and what was merged are gone.
  add column data_deleted_at timestamptz,
  drop constraint job_done_with_result,
  add constraint job_done_with_result
    check (case when data_deleted_at is null then (state = 'done') = (result_sha256 is not null) else result_sha256 is null end),
  add constraint job_deleted_when_ended check (data_deleted_at is null or ended_at is not null);

-- For the loop that deletes: on request first, then the oldest.
create index job_data_kept on job (ended_at) where data_deleted_at is null and parent_number is null;
create index job_deletion_requested on job (deletion_requested_at)
where deletion_requested_at is not null and data_deleted_at is null;

-- For the collector: is this blob the output of a unit whose result is still kept?
create index result_blobs on result using gin (blobs jsonb_path_ops) where blobs is not null;

-- For the collector: blobs by age.
create index blob_age on blob (stored_at);
