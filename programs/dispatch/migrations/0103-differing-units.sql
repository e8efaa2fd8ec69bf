-- Why: a mismatch names its units. A result is a run of units, and where two of a run differ the decision says about which
-- unit; what a correction tells its customer is the count of these.
-- Lock: access exclusive on trust_decision for an instant (a column without a default).

-- Indices of units in the job, as a list of numbers; null where nothing was compared, and where all was equal.
alter table trust_decision add column differing jsonb;
