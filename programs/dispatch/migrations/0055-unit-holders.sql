-- Why: a unit is offered to a member at most once (TRUST.md, rule 5), also after it came back: whoever had it, or computed it or
-- a copy of it, gets it no more. Written where units go out again, which is rare, and for jobs with a trust level only.
-- What no member is left for the reference executor computes, so its share is of results too, and not of copies only.
-- Lock: access exclusive on job_cursor for an instant; the check reads its rows once, one for each job.
create table unit_holder (
  job_number bigint not null,
  first_unit int not null,
  units int not null,
  member_number bigint not null,
  noted_at timestamptz not null default now()
);

-- For units that go out again, and for choosing who computes a copy of them.
create index unit_holder_units on unit_holder (job_number, first_unit);

alter table job_cursor drop constraint job_cursor_trust_sums;
alter table job_cursor add constraint job_cursor_trust_sums check (
  units_done + units_checked + units_dropped >= units_by_reference and units_by_reference >= 0 and units_checked >= 0
  and units_dropped >= 0 and checks_drawn >= checks_failed and checks_failed >= 0
);
