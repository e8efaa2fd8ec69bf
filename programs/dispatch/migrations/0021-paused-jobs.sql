-- Why: a job pauses before it costs more than its customer allowed (`maxPrice`), and goes on when that is raised.
-- Lock: access exclusive on job_cursor for an instant (a column with a constant default).

-- True while no further unit is handed out, because its price might pass what the job may cost. What is out comes in.
alter table job_cursor add column is_paused boolean not null default false;
