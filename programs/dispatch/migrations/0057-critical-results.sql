-- Why: a job may say which results must be certain (TRUST.md, rule 8): one that contains a text, or a new extreme. What the
-- extreme is so far, of results that are certain: a lie about it must not hide the records after it.
-- Lock: none on tables that are there.
create table job_extreme (
  job_number bigint primary key,
  value double precision not null
);
