-- Why: a terminal's month is claimed once for a product, however often it was registered, so its other registrations are looked up.
-- Lock: share on registration while the index is built: about a second for a million registrations.

-- For whether another registration of the same terminal claims a month.
create index registration_terminal on registration (thumbprint, product);
