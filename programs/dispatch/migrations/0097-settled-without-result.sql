-- Why: what was handed in for a job that failed or was cancelled was paid unchecked when the job was swept. It is checked on as
-- in any job now, and paid or forfeited by what that shows. A job is settling until nothing of it is open.
-- Lock: access exclusive on job_cursor for an instant (a constant default rewrites nothing); the small indexes are built under
-- share; the update reads trust_run once.
alter table job_cursor add column is_settling boolean not null default false;

-- For the loop that decides.
create index job_cursor_settling on job_cursor (job_number) where is_settling;

-- What was abandoned and is not paid yet (a newcomer's) is checked like all else.
update job_cursor
set is_settling = true
where job_number in (select job_number from trust_run where state = 'abandoned' and points = 'pending');

update trust_run
set state = case when final_after is null then 'committed' else 'open' end
where state = 'abandoned'
  and points = 'pending';
