-- Why: a fee by the license-month is claimed for the registration whose hours were counted, so months are looked up by it.
-- Lock: share on license_month while the index is built, so no grant is given meanwhile: about a second for a million months.

-- For the evidence of a claim, and for whether a month was counted for a claim's registration.
create index license_month_registration on license_month (registration_id, month);
