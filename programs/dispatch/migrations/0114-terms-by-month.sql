-- Why: a fee is decided by the contract of its month, or of the month of its registration, whenever it is claimed. So the terms for a
-- product are kept with the month from which they count, and what counted before stays.
-- Lock: access exclusive on license_fee_rule, a few rows a vendor.

-- Rows are only added. Of several for the same month the last one counts. What was known before counts since ever, as it did.
alter table license_fee_rule
  drop constraint license_fee_rule_pkey,
  add column number bigint generated always as identity primary key,
  add column from_month text collate "C";

alter table license_fee_rule
  add constraint license_fee_rule_month_form check (from_month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$');

-- For the terms of a month.
create unique index license_fee_rule_month on license_fee_rule (vendor_number, product, from_month, number);
