-- Why: stages and rounds (SPEC B8). A job with several phases is a row that the hot path does not know (it has no
-- cursor), and each phase is a job row of its own below it, with its own number, units and results. So nothing that
-- hands out, counts or merges units needs to know of rounds, and results of two rounds can never be mixed up.
-- Lock: access exclusive on job for an instant (columns without or with constant defaults), and while three indexes
-- are built, each of which reads the job table once.

-- The job that the customer submitted; null for that job itself.
alter table job add column parent_number bigint references job (number);
-- Place among the phases of the job, from 0.
alter table job add column phase int;
alter table job add column phase_kind text not null default 'stage';
-- From 0. Programs read the round as TAIKA_ROUND, and it is part of what keys their random numbers.
alter table job add column round int not null default 0;
alter table job add column stage int not null default 0;
-- Of a job with phases: the one under way, or the last one. Its fuel and units_done are the sums over ended phases.
alter table job add column current_phase bigint references job (number);
-- Of a job with rounds: the blob that its next program kept for itself, as {sha256, bytes}.
alter table job add column next_state jsonb;

alter table job add constraint job_phase_of_parent check ((parent_number is null) = (phase is null));
alter table job add constraint job_phase_kind_known check (phase_kind in ('stage', 'next'));
alter table job add constraint job_phase_has_no_phases check (parent_number is null or current_phase is null);
alter table job add constraint job_round_and_stage check (round >= 0 and stage >= 0);

-- A phase begins once, whichever replica was first.
create unique index job_phase_once on job (parent_number, phase) where parent_number is not null;

-- For a customer's list of jobs, newest first: a job of a thousand rounds is one line.
drop index job_customer;
create index job_customer on job (customer_number, number desc) where parent_number is null;

-- For the loop that invoices: phases are paid for with their job.
drop index job_uninvoiced;
create index job_uninvoiced on job (number) where state = 'done' and invoice_number is null and parent_number is null;
