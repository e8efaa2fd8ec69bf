-- Why: outputs may be streamed while their job runs. What was delivered so is charged when the job is then cancelled or
-- fails, so that nobody fetches everything but the last unit and cancels for nothing.
-- Lock: access exclusive on job for an instant (constant defaults), share while two small partial indexes are built.

-- The units from the first on whose outputs were streamed to the customer before the job ended, and the fuel they took.
alter table job
  add column delivered_units int not null default 0,
  add column delivered_fuel numeric not null default 0,
  add constraint job_delivered check (delivered_units >= 0 and delivered_fuel >= 0 and delivered_fuel = trunc(delivered_fuel));

-- For the loop that invoices: jobs that are done, and others of which something was delivered.
create index job_delivered_uninvoiced on job (number)
  where hold_is_open and state in ('failed', 'cancelled') and delivered_units > 0;
