-- Why: units that are elements of an array need what closes it after their bytes; units that are files have names, which the
-- merger needs for the archive of results.
-- Lock: adds columns without rewriting tables (access exclusive for an instant), whatever their size.

alter table job
  -- Put after each unit's bytes; cut from the input by the split.
  add column trailer bytea not null default '';

alter table unit
  -- Of the file, where a unit is a file.
  add column name text;
