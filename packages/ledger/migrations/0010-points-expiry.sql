-- Why: buckets of points whose month is over are looked for again and again; there are as many as members times months.
-- Lock: share on ledger.account while the index is built (it reads the accounts once); writers that open an account wait.

create index account_points_month on ledger.account (right(code, 7)) where code ^@ 'points:member:';
comment on index ledger.account_points_month is 'Buckets of points whose month is over.';
