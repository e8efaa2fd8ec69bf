-- Why: a job may say by when its customer wishes it done. Among a customer's jobs the one that is due first is handed out first.
-- Lock: access exclusive on job for an instant (a column without a default).

-- When it is to be done; of a phase, its job's. Null where nothing was said.
alter table job add column deadline_at timestamptz;
