-- A pseudonym no longer joins a new terminal to a member known before: a terminal's key is its member.
alter table terminal drop column joined_by_vendor;
