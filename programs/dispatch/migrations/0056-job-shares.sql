-- Why: from forty trusted terminals on a member computes at most a tenth of a job and newcomers at most a fifth (TRUST.md, rule
-- 11). What each has handed in is added up by the deciding loop, so that handing out reads a few sums and no results.
-- Lock: none on tables that are there. Jobs that run now count from here on.
create table job_share (
  job_number bigint not null,
  member_number bigint not null,
  units bigint not null,
  -- Of these, handed in by terminals on probation.
  newcomer_units bigint not null,
  primary key (job_number, member_number)
) with (fillfactor = 70);
