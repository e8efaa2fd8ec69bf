-- Why: the contractor lets a terminal in again whose fault looked like hardware, and its license has to come back. So a
-- license is suspended while the terminal's results are computed again, and revoked only by the contractor's last word.
-- Each change of state is kept, with its reason and whose evidence it was.
-- Lock: access exclusive on license and license_device for an instant each, and on license while its check is read through
-- once (a few hundred milliseconds for a million rows).

alter table license
  -- Whose terminal it is suspended for, and how often that one had been let in again before: only one more lifts it.
  -- Null where a version of before suspended it: whichever terminal of it is let in again lifts it.
  add column suspended_for uuid references registration (id),
  add column suspended_reentries int,
  drop constraint license_state_known,
  add constraint license_state_known check (state in ('licensed', 'not-computing', 'suspended', 'revoked', 'ended')),
  add constraint license_suspended_for check (
    suspended_for is null or (state = 'suspended' and suspended_reentries is not null)
  );

alter table license_device
  -- How often the terminal was let in again, by the last receipt.
  add column reentries int not null default 0;

create table license_event (
  number bigint generated always as identity primary key,
  license_id uuid not null references license (id),
  at timestamptz not null,
  from_state text not null,
  to_state text not null,
  reason jsonb,
  -- The registration whose evidence, or whose end, it was.
  registration_id uuid references registration (id),
  constraint license_event_changes check (from_state <> to_state)
);

-- For a license's history.
create index license_event_license on license_event (license_id, number);

create trigger license_event_never_changes before update or delete on license_event
for each row execute function refuse_change();

-- Every license that is revoked was so by the contractor's first word. It is asked again for the last one.
with changed as (
  update license
  set state = 'suspended'
  where state = 'revoked'
  returning id, reason
)
insert into license_event (license_id, at, from_state, to_state, reason)
select id, now(), 'revoked', 'suspended', reason
from changed;
