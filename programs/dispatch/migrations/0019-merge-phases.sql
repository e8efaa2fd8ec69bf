-- Why: a merge by a program is computed by terminals, level by level; each level is a phase of the job.
-- Lock: access exclusive on job while the constraint is checked, which reads the table once.

alter table job drop constraint job_phase_kind_known;
alter table job add constraint job_phase_kind_known check (phase_kind in ('stage', 'merge', 'next'));
