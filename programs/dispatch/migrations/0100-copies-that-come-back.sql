-- Why: a copy that the reference executor gives back for a cause of the unit or of its machine was wanted again at once and without
-- end, and its job said that there is nothing to do. It is counted, told, and tried again at growing intervals.
-- Lock: access exclusive on audit for an instant (constant defaults).
alter table audit
  -- How often reference executors could not compute it, and why not the last time.
  add column returns int not null default 0,
  add column return_cause text,
  -- Who could not: they are not asked again before `retry_at`, another one is at once.
  add column returned_by bigint[] not null default '{}',
  add column retry_at timestamptz,
  add constraint audit_return_with_cause check ((returns = 0) = (return_cause is null) and returns >= 0);
