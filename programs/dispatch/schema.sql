create table agreed_run (
  job_number bigint not null,
  first_unit integer not null,
  units integer not null,
  assignment_id bigint not null,
  fuel bigint not null,
  constraint agreed_run_pkey PRIMARY KEY (job_number, first_unit)
);

create table assignment (
  id bigint not null,
  job_number bigint not null,
  first_unit integer not null,
  units integer not null,
  terminal_number bigint not null,
  member_number bigint not null,
  is_copy boolean not null,
  cycle_key bigint not null,
  issued_at timestamp with time zone not null,
  deadline timestamp with time zone not null,
  artefact text,
  constraint assignment_pkey PRIMARY KEY (id),
  constraint assignment_units_positive CHECK ((units > 0))
) with (autovacuum_vacuum_scale_factor=0.05, autovacuum_vacuum_threshold=5000, autovacuum_vacuum_cost_delay=0);

create table audit (
  id bigint not null generated always as identity,
  job_number bigint not null,
  first_unit integer not null,
  units integer not null,
  author_assignment bigint not null,
  author_terminal bigint not null,
  kind text not null,
  reason text not null,
  by_terminal bigint,
  artefact text,
  judged_assignment bigint,
  judged_terminal bigint,
  state text not null default 'wanted'::text,
  assignment_id bigint,
  terminal_number bigint,
  fuel bigint not null default 0,
  result_units integer not null default 0,
  points text not null default 'none'::text,
  outcome text,
  wanted_at timestamp with time zone not null,
  lapses_at timestamp with time zone,
  done_at timestamp with time zone,
  final_after integer,
  returns integer not null default 0,
  return_cause text,
  returned_by bigint[] not null default '{}'::bigint[],
  retry_at timestamp with time zone,
  constraint audit_pkey PRIMARY KEY (id),
  constraint audit_done_with_outcome CHECK (((state = 'done'::text) = ((outcome IS NOT NULL) AND (done_at IS NOT NULL)))),
  constraint audit_kind_known CHECK ((kind = ANY (ARRAY['copy'::text, 'judge'::text]))),
  constraint audit_points_known CHECK ((points = ANY (ARRAY['none'::text, 'pending'::text, 'paid'::text, 'forfeited'::text]))),
  constraint audit_return_with_cause CHECK ((((returns = 0) = (return_cause IS NULL)) AND (returns >= 0))),
  constraint audit_state_known CHECK ((state = ANY (ARRAY['wanted'::text, 'out'::text, 'in'::text, 'lapsed'::text, 'done'::text])))
) with (fillfactor=80);
CREATE UNIQUE INDEX audit_assignment ON audit USING btree (assignment_id) WHERE (state = 'out'::text);
CREATE INDEX audit_author ON audit USING btree (author_assignment);
CREATE INDEX audit_due ON audit USING btree (id) WHERE (state = ANY (ARRAY['in'::text, 'lapsed'::text]));
CREATE INDEX audit_held ON audit USING btree (terminal_number, final_after) WHERE ((points = 'pending'::text) AND (final_after IS NOT NULL));
CREATE UNIQUE INDEX audit_once ON audit USING btree (job_number, first_unit, COALESCE(artefact, ''::text)) WHERE (state <> 'done'::text);
CREATE INDEX audit_open ON audit USING btree (lapses_at) WHERE (state = ANY (ARRAY['wanted'::text, 'out'::text]));
CREATE INDEX audit_points ON audit USING btree (terminal_number) WHERE (points = 'pending'::text);
CREATE INDEX audit_wanted ON audit USING btree (by_terminal, id) WHERE (state = 'wanted'::text);

create table blob (
  sha256 text not null,
  bytes bigint not null,
  stored_at timestamp with time zone not null,
  constraint blob_pkey PRIMARY KEY (sha256),
  constraint blob_bytes_not_negative CHECK ((bytes >= 0)),
  constraint blob_sha256_form CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
CREATE INDEX blob_age ON blob USING btree (stored_at);

create table blob_owner (
  sha256 text not null,
  customer_number bigint,
  terminal_number bigint,
  constraint blob_owner_customer_number_fkey FOREIGN KEY (customer_number) REFERENCES customer(number),
  constraint blob_owner_once UNIQUE NULLS NOT DISTINCT (sha256, customer_number, terminal_number),
  constraint blob_owner_one_party CHECK ((num_nonnulls(customer_number, terminal_number) = 1)),
  constraint blob_owner_sha256_fkey FOREIGN KEY (sha256) REFERENCES blob(sha256),
  constraint blob_owner_terminal_number_fkey FOREIGN KEY (terminal_number) REFERENCES terminal(number)
);

create table blob_removal (
  sha256 text not null,
  constraint blob_removal_pkey PRIMARY KEY (sha256),
  constraint blob_removal_sha256_form CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table claim (
  id uuid not null,
  number bigint not null generated always as identity,
  vendor_number bigint not null,
  kind text not null,
  registration_id uuid,
  month text,
  order_id uuid,
  currency text not null,
  amount_milli bigint not null,
  state text not null,
  refusal_code text,
  accepted_at timestamp with time zone not null,
  evidence jsonb,
  evidence_sha256 text,
  tax_basis_points integer not null default 0,
  terminal_number bigint,
  product text,
  constraint claim_pkey PRIMARY KEY (id),
  constraint claim_about_one_thing CHECK ((((kind = ANY (ARRAY['discount'::text, 'refund'::text])) = (order_id IS NOT NULL)) AND ((kind = 'license-fee'::text) = (registration_id IS NOT NULL)))),
  constraint claim_evidence_with_hash CHECK (((evidence IS NULL) = (evidence_sha256 IS NULL))),
  constraint claim_kind_known CHECK ((kind = ANY (ARRAY['license-fee'::text, 'discount'::text, 'refund'::text]))),
  constraint claim_month_form CHECK ((month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'::text)),
  constraint claim_month_of_terminal CHECK ((((terminal_number IS NULL) = (product IS NULL)) AND ((terminal_number IS NULL) OR (month IS NOT NULL)))),
  constraint claim_number_key UNIQUE (number),
  constraint claim_refused_with_reason CHECK (((state = 'refused'::text) = (refusal_code IS NOT NULL))),
  constraint claim_registration_id_fkey FOREIGN KEY (registration_id) REFERENCES registration(id),
  constraint claim_sign CHECK (
CASE kind
    WHEN 'refund'::text THEN (amount_milli < 0)
    ELSE (amount_milli >= 0)
END),
  constraint claim_state_known CHECK ((state = ANY (ARRAY['accrued'::text, 'refused'::text]))),
  constraint claim_tax_sensible CHECK ((((tax_basis_points >= 0) AND (tax_basis_points <= 10000)) AND ((kind = 'license-fee'::text) OR (tax_basis_points = 0)))),
  constraint claim_terminal_number_fkey FOREIGN KEY (terminal_number) REFERENCES terminal(number),
  constraint claim_vendor_number_fkey FOREIGN KEY (vendor_number) REFERENCES vendor(number)
);
CREATE UNIQUE INDEX claim_fee_once ON claim USING btree (registration_id, month) NULLS NOT DISTINCT WHERE ((kind = 'license-fee'::text) AND (state = 'accrued'::text));
CREATE UNIQUE INDEX claim_month_once ON claim USING btree (vendor_number, terminal_number, product, month) WHERE ((kind = 'license-fee'::text) AND (state = 'accrued'::text));
CREATE UNIQUE INDEX claim_order_once ON claim USING btree (vendor_number, order_id) WHERE (kind = 'discount'::text);
CREATE INDEX claim_vendor ON claim USING btree (vendor_number, number DESC);

create table claim_correction (
  id uuid not null,
  number bigint not null generated always as identity,
  document_number text not null,
  claim_document_number bigint not null,
  line integer not null,
  issued_at timestamp with time zone not null,
  net_milli bigint not null,
  tax_milli bigint not null,
  total_milli bigint not null,
  constraint claim_correction_pkey PRIMARY KEY (id),
  constraint claim_correction_claim_document_number_line_fkey FOREIGN KEY (claim_document_number, line) REFERENCES claim_document_line(document_number, line),
  constraint claim_correction_claim_document_number_line_key UNIQUE (claim_document_number, line),
  constraint claim_correction_document_number_key UNIQUE (document_number),
  constraint claim_correction_number_key UNIQUE (number),
  constraint claim_correction_sums CHECK (((total_milli = (net_milli + tax_milli)) AND (net_milli >= 0) AND (tax_milli >= 0)))
);
CREATE TRIGGER claim_correction_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON claim_correction FOR EACH STATEMENT EXECUTE FUNCTION refuse_document_change();

create table claim_document (
  id uuid not null,
  number bigint not null generated always as identity,
  document_number text not null,
  vendor_number bigint not null,
  issued_at timestamp with time zone not null,
  up_to date not null,
  period_from date not null,
  period_to date not null,
  currency text not null,
  net_milli bigint not null,
  tax_milli bigint not null,
  total_milli bigint not null,
  constraint claim_document_pkey PRIMARY KEY (id),
  constraint claim_document_document_number_key UNIQUE (document_number),
  constraint claim_document_number_key UNIQUE (number),
  constraint claim_document_period CHECK ((period_from <= period_to)),
  constraint claim_document_sums CHECK ((total_milli = (net_milli + tax_milli))),
  constraint claim_document_vendor_number_fkey FOREIGN KEY (vendor_number) REFERENCES vendor(number)
);
CREATE INDEX claim_document_vendor ON claim_document USING btree (vendor_number, number DESC);
CREATE TRIGGER claim_document_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON claim_document FOR EACH STATEMENT EXECUTE FUNCTION refuse_document_change();

create table claim_document_line (
  document_number bigint not null,
  line integer not null,
  claim_number bigint not null,
  state text not null default 'open'::text,
  reason text,
  answered_at timestamp with time zone,
  outcome text,
  settled_at timestamp with time zone,
  constraint claim_document_line_pkey PRIMARY KEY (document_number, line),
  constraint claim_document_line_answered CHECK (((state = 'open'::text) = (answered_at IS NULL))),
  constraint claim_document_line_cancelled_by_settling CHECK (((state <> 'cancelled'::text) OR (settled_at IS NOT NULL))),
  constraint claim_document_line_claim_number_fkey FOREIGN KEY (claim_number) REFERENCES claim(number),
  constraint claim_document_line_claim_number_key UNIQUE (claim_number),
  constraint claim_document_line_disputed_with_reason CHECK (((state <> 'disputed'::text) OR (reason IS NOT NULL))),
  constraint claim_document_line_document_number_fkey FOREIGN KEY (document_number) REFERENCES claim_document(number),
  constraint claim_document_line_settled CHECK (((settled_at IS NULL) = (outcome IS NULL))),
  constraint claim_document_line_state_known CHECK ((state = ANY (ARRAY['open'::text, 'confirmed'::text, 'disputed'::text, 'cancelled'::text])))
);
CREATE INDEX claim_document_line_unsettled ON claim_document_line USING btree (document_number) WHERE (state = ANY (ARRAY['open'::text, 'disputed'::text]));
CREATE TRIGGER claim_document_line_identity_stays BEFORE UPDATE OF document_number, line, claim_number ON claim_document_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_document_change();
CREATE TRIGGER claim_document_line_not_deleted BEFORE DELETE OR TRUNCATE ON claim_document_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_document_change();

create table claim_total (
  document_number bigint not null,
  sequence integer not null,
  tax_milli bigint not null,
  rounding_milli bigint not null,
  at timestamp with time zone not null,
  constraint claim_total_pkey PRIMARY KEY (document_number, sequence),
  constraint claim_total_document_number_fkey FOREIGN KEY (document_number) REFERENCES claim_document(number),
  constraint claim_total_something CHECK (((tax_milli <> 0) OR (rounding_milli <> 0)))
);

create table consent (
  id uuid not null,
  terminal_number bigint not null,
  vendor_number bigint not null,
  product text not null,
  text_version text not null,
  text_sha256 text not null,
  locale text not null,
  cores integer not null,
  memory_mib integer not null,
  token text not null,
  recorded_at timestamp with time zone not null,
  withdrawn_at timestamp with time zone,
  constraint consent_pkey PRIMARY KEY (id),
  constraint consent_limits_positive CHECK (((cores > 0) AND (memory_mib > 0))),
  constraint consent_locale_known CHECK ((locale = ANY (ARRAY['en'::text, 'ja'::text]))),
  constraint consent_terminal_number_fkey FOREIGN KEY (terminal_number) REFERENCES terminal(number),
  constraint consent_vendor_number_fkey FOREIGN KEY (vendor_number) REFERENCES vendor(number)
);
CREATE INDEX consent_terminal ON consent USING btree (terminal_number) WHERE (withdrawn_at IS NULL);

create table copy_run (
  job_number bigint not null,
  first_unit integer not null,
  units integer not null,
  members bigint[] not null,
  wanted integer not null,
  votes integer not null,
  issued integer not null,
  is_due boolean not null,
  constraint copy_run_pkey PRIMARY KEY (job_number, first_unit),
  constraint copy_run_counts CHECK (((units > 0) AND (votes >= 1) AND (issued >= 0) AND (wanted >= 1)))
);
CREATE INDEX copy_run_due ON copy_run USING btree (job_number, first_unit) WHERE is_due;

create table credit_limit (
  id uuid not null,
  number bigint not null generated always as identity,
  customer_number bigint not null,
  currency text not null,
  limit_milli bigint not null,
  change_milli bigint not null,
  set_at timestamp with time zone not null,
  constraint credit_limit_pkey PRIMARY KEY (id),
  constraint credit_limit_customer_number_fkey FOREIGN KEY (customer_number) REFERENCES customer(number),
  constraint credit_limit_not_negative CHECK ((limit_milli >= 0)),
  constraint credit_limit_number_key UNIQUE (number)
);
CREATE INDEX credit_limit_customer ON credit_limit USING btree (customer_number, number DESC);

create table credit_note (
  id uuid not null,
  number bigint not null generated always as identity,
  document_number text not null,
  invoice_number bigint not null,
  customer_number bigint not null,
  issued_at timestamp with time zone not null,
  currency text not null,
  net_milli bigint not null,
  tax_milli bigint not null,
  total_milli bigint not null,
  deposit_milli bigint not null,
  reason text not null,
  corrected_units bigint,
  corrected_fuel numeric,
  constraint credit_note_pkey PRIMARY KEY (id),
  constraint credit_note_corrected_both CHECK (((corrected_units IS NULL) = (corrected_fuel IS NULL))),
  constraint credit_note_customer_number_fkey FOREIGN KEY (customer_number) REFERENCES customer(number),
  constraint credit_note_deposit_within CHECK (((deposit_milli >= 0) AND (deposit_milli <= total_milli))),
  constraint credit_note_document_number_key UNIQUE (document_number),
  constraint credit_note_invoice_number_fkey FOREIGN KEY (invoice_number) REFERENCES invoice(number),
  constraint credit_note_number_key UNIQUE (number),
  constraint credit_note_reason_length CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 500))),
  constraint credit_note_sums CHECK (((net_milli > 0) AND (tax_milli >= 0) AND (total_milli = (net_milli + tax_milli))))
);
CREATE INDEX credit_note_customer ON credit_note USING btree (customer_number, number DESC);
CREATE INDEX credit_note_invoice ON credit_note USING btree (invoice_number);
CREATE TRIGGER credit_note_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON credit_note FOR EACH STATEMENT EXECUTE FUNCTION refuse_document_change();

create table customer (
  id uuid not null,
  number bigint not null generated always as identity,
  name text not null,
  currency text not null,
  created_at timestamp with time zone not null,
  address text,
  registration_number text,
  country text,
  constraint customer_pkey PRIMARY KEY (id),
  constraint customer_address_length CHECK (((char_length(address) >= 1) AND (char_length(address) <= 300))),
  constraint customer_country_form CHECK ((country ~ '^[A-Z]{2}$'::text)),
  constraint customer_currency_form CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint customer_name_length CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
  constraint customer_number_key UNIQUE (number),
  constraint customer_registration_number_form CHECK ((registration_number ~ '^T[0-9]{13}$'::text))
);

create table customer_key (
  hash bytea not null,
  customer_number bigint not null,
  created_at timestamp with time zone not null,
  withdrawn_at timestamp with time zone,
  constraint customer_key_pkey PRIMARY KEY (hash),
  constraint customer_key_customer_number_fkey FOREIGN KEY (customer_number) REFERENCES customer(number),
  constraint customer_key_hash_length CHECK ((octet_length(hash) = 32))
);

create table document_parties (
  document_id uuid not null,
  seller jsonb not null,
  buyer jsonb not null,
  constraint document_parties_pkey PRIMARY KEY (document_id)
);
CREATE TRIGGER document_parties_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON document_parties FOR EACH STATEMENT EXECUTE FUNCTION refuse_document_change();

create table dropped_run (
  job_number bigint not null,
  first_unit integer not null,
  units integer not null,
  assignment_id bigint not null,
  terminal_number bigint not null,
  dropped_at timestamp with time zone not null,
  compared_units integer not null default 0,
  is_wrong boolean not null default false,
  constraint dropped_run_pkey PRIMARY KEY (job_number, first_unit, assignment_id)
);
CREATE INDEX dropped_run_waiting ON dropped_run USING btree (job_number, first_unit) WHERE (compared_units < units);

create table feeder_block (
  id bigint not null generated always as identity,
  replica bigint not null,
  job_number bigint not null,
  first_unit integer not null,
  units integer not null,
  expires_at timestamp with time zone not null,
  constraint feeder_block_pkey PRIMARY KEY (id),
  constraint feeder_block_units_positive CHECK ((units > 0))
);

create table invoice (
  id uuid not null,
  number bigint not null generated always as identity,
  document_number text not null,
  customer_number bigint not null,
  issued_at timestamp with time zone not null,
  currency text not null,
  net_milli bigint not null,
  tax_basis_points integer not null,
  tax_milli bigint not null,
  total_milli bigint not null,
  constraint invoice_pkey PRIMARY KEY (id),
  constraint invoice_customer_number_fkey FOREIGN KEY (customer_number) REFERENCES customer(number),
  constraint invoice_document_number_key UNIQUE (document_number),
  constraint invoice_number_key UNIQUE (number),
  constraint invoice_sums CHECK (((net_milli >= 0) AND (tax_milli >= 0) AND (total_milli = (net_milli + tax_milli))))
);
CREATE INDEX invoice_customer ON invoice USING btree (customer_number, number DESC);
CREATE INDEX invoice_issued ON invoice USING btree (issued_at);
CREATE TRIGGER invoice_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON invoice FOR EACH STATEMENT EXECUTE FUNCTION refuse_document_change();

create table invoice_delivery (
  invoice_number bigint not null,
  delivered_at timestamp with time zone not null,
  constraint invoice_delivery_pkey PRIMARY KEY (invoice_number),
  constraint invoice_delivery_invoice_number_fkey FOREIGN KEY (invoice_number) REFERENCES invoice(number)
);
CREATE TRIGGER invoice_delivery_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON invoice_delivery FOR EACH STATEMENT EXECUTE FUNCTION refuse_document_change();

create table invoice_line (
  invoice_number bigint not null,
  line smallint not null,
  job_number bigint not null,
  description text not null,
  units bigint not null,
  fuel numeric not null,
  rate_version integer not null,
  amount_milli bigint not null,
  beyond_limit_milli bigint not null default 0,
  level text,
  factor_thousandths integer not null default 1000,
  constraint invoice_line_pkey PRIMARY KEY (invoice_number, line),
  constraint invoice_line_beyond_not_negative CHECK ((beyond_limit_milli >= 0)),
  constraint invoice_line_factor_positive CHECK ((factor_thousandths > 0)),
  constraint invoice_line_invoice_number_fkey FOREIGN KEY (invoice_number) REFERENCES invoice(number),
  constraint invoice_line_job_number_fkey FOREIGN KEY (job_number) REFERENCES job(number),
  constraint invoice_line_job_once UNIQUE (job_number),
  constraint invoice_line_level_known CHECK ((level = ANY (ARRAY['plain'::text, 'economy'::text, 'standard'::text, 'high'::text, 'strict'::text, 'copies'::text]))),
  constraint invoice_line_rate_version_fkey FOREIGN KEY (rate_version) REFERENCES rate_card(version)
);
CREATE TRIGGER invoice_line_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON invoice_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_document_change();

create table invoice_void (
  invoice_number bigint not null,
  id uuid not null,
  reason text not null,
  voided_at timestamp with time zone not null,
  constraint invoice_void_pkey PRIMARY KEY (invoice_number),
  constraint invoice_void_id_key UNIQUE (id),
  constraint invoice_void_invoice_number_fkey FOREIGN KEY (invoice_number) REFERENCES invoice(number),
  constraint invoice_void_reason_length CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 500)))
);
CREATE TRIGGER invoice_void_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON invoice_void FOR EACH STATEMENT EXECUTE FUNCTION refuse_document_change();

create table job (
  id uuid not null,
  number bigint not null generated always as identity,
  customer_number bigint not null,
  name text not null,
  spec jsonb not null,
  spec_sha256 text not null,
  state text not null default 'splitting'::text,
  reason_code text not null,
  reason_detail text,
  rate_version integer not null,
  artefact_kind text not null,
  memory_pages integer not null default 4096,
  header bytea not null default '\x'::bytea,
  unit_count integer,
  fuel numeric not null default 0,
  units_done integer not null default 0,
  created_at timestamp with time zone not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  result_sha256 text,
  failure jsonb,
  invoice_number bigint,
  trailer bytea not null default '\x'::bytea,
  rows_deleted integer not null default 0,
  parent_number bigint,
  phase integer,
  phase_kind text not null default 'stage'::text,
  round integer not null default 0,
  stage integer not null default 0,
  current_phase bigint,
  next_state jsonb,
  deletion_requested_at timestamp with time zone,
  data_deleted_at timestamp with time zone,
  max_price_milli bigint,
  ledger_hold_id bigint,
  hold_is_open boolean not null default false,
  deadline_at timestamp with time zone,
  delivered_units integer not null default 0,
  delivered_fuel numeric not null default 0,
  constraint job_pkey PRIMARY KEY (id),
  constraint job_artefact_kind_known CHECK ((artefact_kind = ANY (ARRAY['fast'::text, 'strict'::text]))),
  constraint job_current_phase_fkey FOREIGN KEY (current_phase) REFERENCES job(number),
  constraint job_customer_number_fkey FOREIGN KEY (customer_number) REFERENCES customer(number),
  constraint job_deleted_when_ended CHECK (((data_deleted_at IS NULL) OR (ended_at IS NOT NULL))),
  constraint job_delivered CHECK (((delivered_units >= 0) AND (delivered_fuel >= (0)::numeric) AND (delivered_fuel = trunc(delivered_fuel)))),
  constraint job_done_with_result CHECK (
CASE
    WHEN (data_deleted_at IS NULL) THEN ((state = 'done'::text) = (result_sha256 IS NOT NULL))
    ELSE (result_sha256 IS NULL)
END),
  constraint job_ended_with_instant CHECK (((state = ANY (ARRAY['done'::text, 'failed'::text, 'cancelled'::text])) = (ended_at IS NOT NULL))),
  constraint job_fuel_whole CHECK (((fuel >= (0)::numeric) AND (fuel = trunc(fuel)))),
  constraint job_invoice_number_fkey FOREIGN KEY (invoice_number) REFERENCES invoice(number),
  constraint job_ledger_hold_id_fkey FOREIGN KEY (ledger_hold_id) REFERENCES ledger.hold(id),
  constraint job_ledger_hold_id_key UNIQUE (ledger_hold_id),
  constraint job_max_price_positive CHECK ((max_price_milli > 0)),
  constraint job_number_key UNIQUE (number),
  constraint job_open_hold_exists CHECK (((NOT hold_is_open) OR (ledger_hold_id IS NOT NULL))),
  constraint job_parent_number_fkey FOREIGN KEY (parent_number) REFERENCES job(number),
  constraint job_phase_has_no_phases CHECK (((parent_number IS NULL) OR (current_phase IS NULL))),
  constraint job_phase_kind_known CHECK ((phase_kind = ANY (ARRAY['stage'::text, 'merge'::text, 'next'::text]))),
  constraint job_phase_of_parent CHECK (((parent_number IS NULL) = (phase IS NULL))),
  constraint job_rate_version_fkey FOREIGN KEY (rate_version) REFERENCES rate_card(version),
  constraint job_result_sha256_fkey FOREIGN KEY (result_sha256) REFERENCES blob(sha256),
  constraint job_round_and_stage CHECK (((round >= 0) AND (stage >= 0))),
  constraint job_state_known CHECK ((state = ANY (ARRAY['splitting'::text, 'running'::text, 'provisional'::text, 'merging'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
);
CREATE INDEX job_customer ON job USING btree (customer_number, number DESC) WHERE (parent_number IS NULL);
CREATE INDEX job_data_kept ON job USING btree (ended_at) WHERE ((data_deleted_at IS NULL) AND (parent_number IS NULL));
CREATE INDEX job_deletion_requested ON job USING btree (deletion_requested_at) WHERE ((deletion_requested_at IS NOT NULL) AND (data_deleted_at IS NULL));
CREATE INDEX job_delivered_uninvoiced ON job USING btree (number) WHERE (hold_is_open AND (state = ANY (ARRAY['failed'::text, 'cancelled'::text])) AND (delivered_units > 0));
CREATE INDEX job_hold_to_free ON job USING btree (number) WHERE (hold_is_open AND (state = ANY (ARRAY['failed'::text, 'cancelled'::text])));
CREATE UNIQUE INDEX job_phase_once ON job USING btree (parent_number, phase) WHERE (parent_number IS NOT NULL);
CREATE INDEX job_under_way ON job USING btree (state) WHERE (state = ANY (ARRAY['splitting'::text, 'running'::text, 'merging'::text]));
CREATE INDEX job_uninvoiced ON job USING btree (number) WHERE ((state = 'done'::text) AND (invoice_number IS NULL) AND (parent_number IS NULL));

create table job_correction (
  job_number bigint not null,
  revision integer not null,
  units integer not null,
  fuel_before numeric not null,
  fuel_after numeric not null,
  found_at timestamp with time zone not null,
  result_sha256 text,
  merged_at timestamp with time zone,
  credited_at timestamp with time zone,
  credit_note_number bigint,
  constraint job_correction_pkey PRIMARY KEY (job_number, revision),
  constraint job_correction_credit_note_number_fkey FOREIGN KEY (credit_note_number) REFERENCES credit_note(number),
  constraint job_correction_credited_when_merged CHECK (((credited_at IS NULL) OR (merged_at IS NOT NULL))),
  constraint job_correction_job_number_fkey FOREIGN KEY (job_number) REFERENCES job(number),
  constraint job_correction_merged CHECK (((result_sha256 IS NULL) = (merged_at IS NULL))),
  constraint job_correction_note_when_credited CHECK (((credit_note_number IS NULL) OR (credited_at IS NOT NULL))),
  constraint job_correction_result_sha256_fkey FOREIGN KEY (result_sha256) REFERENCES blob(sha256)
);
CREATE INDEX job_correction_to_credit ON job_correction USING btree (job_number) WHERE ((merged_at IS NOT NULL) AND (credited_at IS NULL));
CREATE INDEX job_correction_waiting ON job_correction USING btree (job_number) WHERE (merged_at IS NULL);

create table job_cursor (
  job_number bigint not null,
  copies integer not null,
  unit_count integer not null,
  next_unit integer not null default 0,
  units_done integer not null default 0,
  fuel numeric not null default 0,
  is_open boolean not null default true,
  failed_result bigint,
  is_swept boolean not null default false,
  is_paused boolean not null default false,
  trust text,
  units_final integer not null default 0,
  units_checked bigint not null default 0,
  units_by_reference bigint not null default 0,
  units_dropped bigint not null default 0,
  checks_drawn bigint not null default 0,
  checks_failed bigint not null default 0,
  is_settling boolean not null default false,
  constraint job_cursor_pkey PRIMARY KEY (job_number),
  constraint job_cursor_final_in_bounds CHECK (((units_final >= 0) AND (units_final <= unit_count))),
  constraint job_cursor_in_bounds CHECK ((((next_unit >= 0) AND (next_unit <= unit_count)) AND ((units_done >= 0) AND (units_done <= unit_count)))),
  constraint job_cursor_job_number_fkey FOREIGN KEY (job_number) REFERENCES job(number),
  constraint job_cursor_trust_known CHECK ((trust = ANY (ARRAY['economy'::text, 'standard'::text, 'high'::text, 'strict'::text]))),
  constraint job_cursor_trust_sums CHECK (((((units_done + units_checked) + units_dropped) >= units_by_reference) AND (units_by_reference >= 0) AND (units_checked >= 0) AND (units_dropped >= 0) AND (checks_drawn >= checks_failed) AND (checks_failed >= 0)))
) with (fillfactor=10);
CREATE INDEX job_cursor_settled ON job_cursor USING btree (job_number) WHERE (is_open AND ((units_done = unit_count) OR (failed_result IS NOT NULL)));
CREATE INDEX job_cursor_settling ON job_cursor USING btree (job_number) WHERE is_settling;
CREATE INDEX job_cursor_unswept ON job_cursor USING btree (job_number) WHERE ((NOT is_open) AND (NOT is_swept));

create table job_extreme (
  job_number bigint not null,
  value double precision not null,
  constraint job_extreme_pkey PRIMARY KEY (job_number)
);

create table job_flush (
  job_number bigint not null,
  terminal_number bigint not null,
  drawn_at timestamp with time zone not null,
  constraint job_flush_pkey PRIMARY KEY (job_number, terminal_number)
);

create table job_share (
  job_number bigint not null,
  member_number bigint not null,
  units bigint not null,
  newcomer_units bigint not null,
  constraint job_share_pkey PRIMARY KEY (job_number, member_number)
) with (fillfactor=70);

create table job_terminal (
  job_number bigint not null,
  terminal_number bigint not null,
  constraint job_terminal_pkey PRIMARY KEY (job_number, terminal_number)
);

create table license_fee_rule (
  vendor_number bigint not null,
  product text not null,
  kind text not null,
  fee_milli bigint not null,
  points_milli_min bigint not null,
  hours_min integer not null,
  changed_at timestamp with time zone not null,
  tax_basis_points integer not null default 0,
  number bigint not null generated always as identity,
  from_month text,
  constraint license_fee_rule_pkey PRIMARY KEY (number),
  constraint license_fee_rule_kind_known CHECK ((kind = ANY (ARRAY['per-registration'::text, 'per-license-month'::text]))),
  constraint license_fee_rule_minimum_sensible CHECK (((points_milli_min >= 0) AND ((hours_min >= 0) AND (hours_min <= 672)))),
  constraint license_fee_rule_month_form CHECK ((from_month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'::text)),
  constraint license_fee_rule_not_negative CHECK ((fee_milli >= 0)),
  constraint license_fee_rule_tax_sensible CHECK (((tax_basis_points >= 0) AND (tax_basis_points <= 10000))),
  constraint license_fee_rule_vendor_number_fkey FOREIGN KEY (vendor_number) REFERENCES vendor(number)
);
CREATE UNIQUE INDEX license_fee_rule_month ON license_fee_rule USING btree (vendor_number, product, from_month, number);

create table license_hours (
  registration_id uuid not null,
  month text not null,
  hours bit(744) not null,
  constraint license_hours_pkey PRIMARY KEY (registration_id, month),
  constraint license_hours_registration_id_fkey FOREIGN KEY (registration_id) REFERENCES registration(id)
) with (fillfactor=70);

create table member (
  id uuid not null,
  number bigint not null generated always as identity,
  created_at timestamp with time zone not null,
  constraint member_pkey PRIMARY KEY (id),
  constraint member_number_key UNIQUE (number)
);

create table migration (
  component text not null,
  number integer not null,
  name text not null,
  sha256 text not null,
  applied_at timestamp with time zone not null default now(),
  constraint migration_pkey PRIMARY KEY (component, number)
);

create table payment (
  id uuid not null,
  number bigint not null generated always as identity,
  customer_number bigint not null,
  kind text not null,
  currency text not null,
  amount_milli bigint not null,
  settled_milli bigint not null,
  reference text,
  received_at timestamp with time zone not null,
  constraint payment_pkey PRIMARY KEY (id),
  constraint payment_customer_number_fkey FOREIGN KEY (customer_number) REFERENCES customer(number),
  constraint payment_kind_known CHECK ((kind = ANY (ARRAY['deposit'::text, 'payment'::text, 'return'::text]))),
  constraint payment_number_key UNIQUE (number),
  constraint payment_only_payments_settle CHECK (((kind = 'payment'::text) OR (settled_milli = 0))),
  constraint payment_positive CHECK ((amount_milli > 0)),
  constraint payment_settles_within CHECK (((settled_milli >= 0) AND (settled_milli <= amount_milli)))
);
CREATE INDEX payment_customer ON payment USING btree (customer_number, number DESC);

create table points_entry (
  id bigint not null generated always as identity,
  member_number bigint not null,
  terminal_number bigint not null,
  job_number bigint not null,
  kind text not null,
  fuel bigint not null,
  units integer not null,
  at timestamp with time zone not null,
  constraint points_entry_pkey PRIMARY KEY (id),
  constraint points_entry_kind_known CHECK ((kind = ANY (ARRAY['accepted'::text, 'committed'::text, 'finalized'::text, 'forfeited'::text, 'recalled'::text])))
);

create table points_hold (
  id uuid not null,
  number bigint not null generated always as identity,
  vendor_number bigint not null,
  member_number bigint not null,
  pseudonym uuid not null,
  order_id uuid not null,
  points_milli bigint not null,
  captured_milli bigint not null default 0,
  state text not null default 'held'::text,
  ledger_hold_id bigint not null,
  placed_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  resolved_at timestamp with time zone,
  refunded_milli bigint not null default 0,
  constraint points_hold_pkey PRIMARY KEY (id),
  constraint points_hold_captured_when CHECK (((state = 'captured'::text) = (captured_milli > 0))),
  constraint points_hold_captured_within CHECK (((captured_milli >= 0) AND (captured_milli <= points_milli))),
  constraint points_hold_ledger_hold_id_fkey FOREIGN KEY (ledger_hold_id) REFERENCES ledger.hold(id),
  constraint points_hold_ledger_hold_id_key UNIQUE (ledger_hold_id),
  constraint points_hold_member_number_fkey FOREIGN KEY (member_number) REFERENCES member(number),
  constraint points_hold_number_key UNIQUE (number),
  constraint points_hold_positive CHECK ((points_milli > 0)),
  constraint points_hold_refunded_within CHECK (((refunded_milli >= 0) AND (refunded_milli <= captured_milli))),
  constraint points_hold_resolved_at CHECK (((state = 'held'::text) = (resolved_at IS NULL))),
  constraint points_hold_state_known CHECK ((state = ANY (ARRAY['held'::text, 'captured'::text, 'released'::text, 'expired'::text]))),
  constraint points_hold_vendor_number_fkey FOREIGN KEY (vendor_number) REFERENCES vendor(number)
);
CREATE INDEX points_hold_member ON points_hold USING btree (member_number);
CREATE INDEX points_hold_open ON points_hold USING btree (expires_at) WHERE (state = 'held'::text);

create table points_position (
  is_the_one boolean not null default true,
  last_entry bigint not null,
  constraint points_position_pkey PRIMARY KEY (is_the_one),
  constraint points_position_one_row CHECK (is_the_one)
);

create table points_refund (
  id uuid not null,
  hold_id uuid not null,
  points_milli bigint not null,
  debt_milli bigint not null,
  refunded_at timestamp with time zone not null,
  constraint points_refund_pkey PRIMARY KEY (id),
  constraint points_refund_debt_within CHECK (((debt_milli >= 0) AND (debt_milli <= points_milli))),
  constraint points_refund_hold_id_fkey FOREIGN KEY (hold_id) REFERENCES points_hold(id),
  constraint points_refund_positive CHECK ((points_milli > 0))
);
CREATE INDEX points_refund_hold ON points_refund USING btree (hold_id);

create table points_tally (
  member_number bigint not null,
  rate_version integer not null,
  kind text not null,
  fuel numeric not null,
  use text not null,
  constraint points_tally_pkey PRIMARY KEY (member_number, rate_version, kind, use),
  constraint points_tally_kind_known CHECK ((kind = ANY (ARRAY['accepted'::text, 'committed'::text, 'finalized'::text, 'forfeited'::text, 'recalled'::text]))),
  constraint points_tally_member_number_fkey FOREIGN KEY (member_number) REFERENCES member(number),
  constraint points_tally_rate_version_fkey FOREIGN KEY (rate_version) REFERENCES rate_card(version),
  constraint points_tally_use_known CHECK ((use = ANY (ARRAY['evidence'::text, 'spend'::text])))
) with (fillfactor=70);

create table program (
  sha256 text not null,
  cost_table integer not null,
  admitted_at timestamp with time zone not null,
  constraint program_pkey PRIMARY KEY (sha256),
  constraint program_sha256_fkey FOREIGN KEY (sha256) REFERENCES blob(sha256)
);

create table program_artefact (
  program_sha256 text not null,
  kind text not null,
  memory_pages integer not null,
  sha256 text not null,
  bytes bigint not null,
  signature text not null,
  constraint program_artefact_pkey PRIMARY KEY (program_sha256, memory_pages, kind),
  constraint program_artefact_kind_known CHECK ((kind = ANY (ARRAY['fast'::text, 'strict'::text, 'positive'::text, 'negative'::text, 'mixed'::text]))),
  constraint program_artefact_program_sha256_fkey FOREIGN KEY (program_sha256) REFERENCES program(sha256),
  constraint program_artefact_sha256_fkey FOREIGN KEY (sha256) REFERENCES blob(sha256)
);

create table pseudonym (
  vendor_number bigint not null,
  pseudonym uuid not null,
  member_number bigint not null,
  constraint pseudonym_pkey PRIMARY KEY (vendor_number, pseudonym),
  constraint pseudonym_member_number_fkey FOREIGN KEY (member_number) REFERENCES member(number),
  constraint pseudonym_vendor_number_fkey FOREIGN KEY (vendor_number) REFERENCES vendor(number)
);

create table rate_card (
  version integer not null,
  per_fuel bigint not null,
  currency text not null,
  price_milli bigint not null,
  points_milli bigint not null,
  tax_basis_points integer not null,
  reference_fuel_per_second bigint not null,
  published_at timestamp with time zone not null,
  level_factors jsonb,
  constraint rate_card_pkey PRIMARY KEY (version),
  constraint rate_card_currency_form CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint rate_card_level_factors CHECK (((level_factors IS NULL) OR (level_factors ?& ARRAY['plain'::text, 'economy'::text, 'standard'::text, 'high'::text, 'strict'::text]))),
  constraint rate_card_not_negative CHECK (((price_milli >= 0) AND (points_milli >= 0))),
  constraint rate_card_per_fuel_positive CHECK ((per_fuel > 0)),
  constraint rate_card_reference_positive CHECK ((reference_fuel_per_second > 0)),
  constraint rate_card_tax_sensible CHECK (((tax_basis_points >= 0) AND (tax_basis_points <= 10000)))
);

create table registration (
  id uuid not null,
  number bigint not null generated always as identity,
  vendor_number bigint not null,
  member_number bigint not null,
  terminal_number bigint not null,
  pseudonym uuid not null,
  product text not null,
  kind text not null,
  request_hash bytea not null,
  registered_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  began_work jsonb,
  ended_work jsonb,
  constraint registration_pkey PRIMARY KEY (id),
  constraint registration_kind_known CHECK ((kind = ANY (ARRAY['application'::text, 'service'::text]))),
  constraint registration_member_number_fkey FOREIGN KEY (member_number) REFERENCES member(number),
  constraint registration_number_key UNIQUE (number),
  constraint registration_product_length CHECK (((char_length(product) >= 1) AND (char_length(product) <= 100))),
  constraint registration_terminal_number_fkey FOREIGN KEY (terminal_number) REFERENCES terminal(number),
  constraint registration_vendor_number_fkey FOREIGN KEY (vendor_number) REFERENCES vendor(number),
  constraint registration_vendor_number_pseudonym_fkey FOREIGN KEY (vendor_number, pseudonym) REFERENCES pseudonym(vendor_number, pseudonym)
);
CREATE UNIQUE INDEX registration_open_once ON registration USING btree (terminal_number, vendor_number, product) WHERE (ended_at IS NULL);
CREATE INDEX registration_terminal ON registration USING btree (terminal_number);

create table reissue (
  job_number bigint not null,
  first_unit integer not null,
  units integer not null,
  returned_by bigint,
  constraint reissue_pkey PRIMARY KEY (job_number, first_unit),
  constraint reissue_units_positive CHECK ((units > 0))
);

create table result (
  assignment_id bigint not null,
  job_number bigint not null,
  first_unit integer not null,
  units integer not null,
  terminal_number bigint not null,
  member_number bigint not null,
  is_copy boolean not null,
  fuel bigint not null,
  digests bytea not null,
  outputs bytea not null,
  blobs jsonb,
  failures jsonb,
  at timestamp with time zone not null,
  constraint result_pkey PRIMARY KEY (job_number, first_unit, assignment_id),
  constraint result_digests_fit CHECK ((octet_length(digests) = (units * 32)))
);
CREATE UNIQUE INDEX result_assignment ON result USING btree (assignment_id);
CREATE INDEX result_blobs ON result USING gin (blobs jsonb_path_ops) WHERE (blobs IS NOT NULL);
CREATE INDEX result_failed ON result USING btree (job_number, first_unit, assignment_id) WHERE (failures IS NOT NULL);

create table secret (
  name text not null,
  value bytea not null,
  created_at timestamp with time zone not null,
  constraint secret_pkey PRIMARY KEY (name)
);

create table terminal (
  id uuid not null,
  number bigint not null generated always as identity,
  member_number bigint not null,
  name text not null,
  state text not null default 'active'::text,
  registered_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  revoke_reason text,
  role text not null default 'member'::text,
  constraint terminal_pkey PRIMARY KEY (id),
  constraint terminal_member_number_fkey FOREIGN KEY (member_number) REFERENCES member(number),
  constraint terminal_name_length CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
  constraint terminal_number_key UNIQUE (number),
  constraint terminal_revoked_with_reason CHECK (((state = 'revoked'::text) = ((revoked_at IS NOT NULL) AND (revoke_reason IS NOT NULL)))),
  constraint terminal_role_known CHECK ((role = ANY (ARRAY['member'::text, 'reference'::text, 'decoy'::text]))),
  constraint terminal_state_known CHECK ((state = ANY (ARRAY['active'::text, 'revoked'::text])))
);
CREATE INDEX terminal_member ON terminal USING btree (member_number);

create table terminal_key (
  thumbprint text not null,
  terminal_number bigint not null,
  public_key jsonb not null,
  added_at timestamp with time zone not null,
  constraint terminal_key_pkey PRIMARY KEY (thumbprint),
  constraint terminal_key_terminal_number_fkey FOREIGN KEY (terminal_number) REFERENCES terminal(number),
  constraint terminal_key_terminal_number_key UNIQUE (terminal_number)
);

create table terminal_presence (
  terminal_number bigint not null,
  seen_at timestamp with time zone not null,
  state text not null,
  busy_until timestamp with time zone not null,
  network integer not null default 0,
  agent_version text,
  constraint terminal_presence_pkey PRIMARY KEY (terminal_number),
  constraint terminal_presence_state_known CHECK ((state = ANY (ARRAY['computing'::text, 'idle-no-work'::text, 'paused'::text, 'not-computing'::text]))),
  constraint terminal_presence_terminal_number_fkey FOREIGN KEY (terminal_number) REFERENCES terminal(number)
) with (fillfactor=50);

create table terminal_trust (
  terminal_number bigint not null,
  member_number bigint not null,
  network integer not null,
  week integer not null,
  standing text not null,
  is_decoy boolean not null,
  probation_passed integer not null,
  passed integer not null,
  drawn integer not null,
  reentries integer not null,
  recalls_out integer not null default 0,
  recalls_done integer not null default 0,
  recalls_wrong integer not null default 0,
  is_recall_isolated boolean not null default true,
  active_at timestamp with time zone not null,
  agent_version text,
  constraint terminal_trust_pkey PRIMARY KEY (terminal_number),
  constraint terminal_trust_counts CHECK (((probation_passed >= 0) AND (passed >= 0) AND (drawn >= 0) AND (reentries >= 0))),
  constraint terminal_trust_standing_known CHECK ((standing = ANY (ARRAY['probation'::text, 'trusted'::text, 'revoked'::text]))),
  constraint terminal_trust_terminal_number_fkey FOREIGN KEY (terminal_number) REFERENCES terminal(number)
) with (fillfactor=70);
CREATE INDEX terminal_trust_pool ON terminal_trust USING btree (terminal_number) WHERE (standing = 'trusted'::text);

create table terminal_work (
  terminal_number bigint not null,
  day date not null,
  rate_version integer not null,
  kind text not null,
  fuel numeric not null,
  units bigint not null,
  use text not null,
  constraint terminal_work_pkey PRIMARY KEY (terminal_number, day, rate_version, kind, use),
  constraint terminal_work_kind_known CHECK ((kind = ANY (ARRAY['accepted'::text, 'committed'::text, 'finalized'::text, 'forfeited'::text, 'recalled'::text]))),
  constraint terminal_work_rate_version_fkey FOREIGN KEY (rate_version) REFERENCES rate_card(version),
  constraint terminal_work_terminal_number_fkey FOREIGN KEY (terminal_number) REFERENCES terminal(number),
  constraint terminal_work_use_known CHECK ((use = ANY (ARRAY['evidence'::text, 'spend'::text])))
) with (fillfactor=70);

create table trust_decision (
  id bigint not null generated always as identity,
  at timestamp with time zone not null,
  job_number bigint not null,
  first_unit integer not null,
  units integer not null,
  assignment_id bigint not null,
  occasion text not null,
  terminal_number bigint not null,
  partner_number bigint,
  pool_version bigint not null,
  state jsonb not null,
  event jsonb not null,
  effects jsonb not null,
  differing jsonb,
  constraint trust_decision_pkey PRIMARY KEY (id),
  constraint trust_decision_once UNIQUE (assignment_id, occasion, terminal_number)
);
CREATE INDEX trust_decision_partner ON trust_decision USING btree (partner_number, id) WHERE (partner_number IS NOT NULL);
CREATE INDEX trust_decision_terminal ON trust_decision USING btree (terminal_number, id);
CREATE INDEX trust_decision_unit ON trust_decision USING btree (job_number, first_unit);

create table trust_pool (
  version bigint not null generated always as identity,
  at timestamp with time zone not null,
  terminals jsonb not null,
  constraint trust_pool_pkey PRIMARY KEY (version)
);

create table trust_run (
  job_number bigint not null,
  first_unit integer not null,
  units integer not null,
  assignment_id bigint not null,
  terminal_number bigint not null,
  member_number bigint not null,
  fuel bigint not null,
  state text not null default 'committed'::text,
  final_after integer,
  awaits boolean not null default false,
  voucher bigint,
  is_sampled boolean not null default false,
  points text not null default 'pending'::text,
  committed_at timestamp with time zone not null,
  final_at timestamp with time zone,
  is_decoy boolean not null default false,
  constraint trust_run_pkey PRIMARY KEY (job_number, first_unit),
  constraint trust_run_final_with_instant CHECK (((state = 'final'::text) = (final_at IS NOT NULL))),
  constraint trust_run_paid_when_over CHECK (((points <> 'paid'::text) OR (state = ANY (ARRAY['final'::text, 'abandoned'::text])))),
  constraint trust_run_points_known CHECK ((points = ANY (ARRAY['pending'::text, 'paid'::text, 'forfeited'::text]))),
  constraint trust_run_state_known CHECK ((state = ANY (ARRAY['committed'::text, 'open'::text, 'final'::text, 'abandoned'::text]))),
  constraint trust_run_units_positive CHECK ((units > 0))
) with (fillfactor=80);
CREATE INDEX trust_run_decoy ON trust_run USING btree (job_number, first_unit) WHERE is_decoy;
CREATE INDEX trust_run_due ON trust_run USING btree (committed_at, assignment_id) WHERE (state = 'committed'::text);
CREATE INDEX trust_run_open ON trust_run USING btree (job_number, terminal_number) WHERE (state = 'open'::text);
CREATE INDEX trust_run_terminal ON trust_run USING btree (terminal_number, state, final_after);

create table unit (
  job_number bigint not null,
  index integer not null,
  input_offset bigint not null,
  input_length integer not null,
  name text,
  constraint unit_pkey PRIMARY KEY (job_number, index)
);

create table unit_holder (
  job_number bigint not null,
  first_unit integer not null,
  units integer not null,
  member_number bigint not null,
  noted_at timestamp with time zone not null default now()
);
CREATE INDEX unit_holder_units ON unit_holder USING btree (job_number, first_unit);

create table unit_return (
  job_number bigint not null,
  unit integer not null,
  terminal_number bigint not null,
  cause text not null,
  at timestamp with time zone not null
);
CREATE INDEX unit_return_unit ON unit_return USING btree (job_number, unit);

create table used_challenge (
  value text not null,
  expires_at timestamp with time zone not null,
  constraint used_challenge_pkey PRIMARY KEY (value)
);
CREATE INDEX used_challenge_expiry ON used_challenge USING btree (expires_at);

create table used_request (
  vendor_number bigint not null,
  jti text not null,
  expires_at timestamp with time zone not null,
  constraint used_request_pkey PRIMARY KEY (vendor_number, jti),
  constraint used_request_vendor_number_fkey FOREIGN KEY (vendor_number) REFERENCES vendor(number)
);
CREATE INDEX used_request_expiry ON used_request USING btree (expires_at);

create table vendor (
  id uuid not null,
  number bigint not null generated always as identity,
  name text not null,
  public_key jsonb not null,
  license_fee_kind text not null,
  license_fee_currency text not null,
  license_fee_milli bigint not null,
  created_at timestamp with time zone not null,
  license_points_milli_min bigint not null default 0,
  license_hours_min integer not null default 0,
  license_tax_basis_points integer not null default 0,
  constraint vendor_pkey PRIMARY KEY (id),
  constraint vendor_license_fee_kind_known CHECK ((license_fee_kind = ANY (ARRAY['per-registration'::text, 'per-license-month'::text]))),
  constraint vendor_license_fee_not_negative CHECK ((license_fee_milli >= 0)),
  constraint vendor_license_minimum_sensible CHECK (((license_points_milli_min >= 0) AND ((license_hours_min >= 0) AND (license_hours_min <= 672)))),
  constraint vendor_license_tax_sensible CHECK (((license_tax_basis_points >= 0) AND (license_tax_basis_points <= 10000))),
  constraint vendor_name_length CHECK (((char_length(name) >= 1) AND (char_length(name) <= 200))),
  constraint vendor_number_key UNIQUE (number)
);

create table vendor_payment (
  id uuid not null,
  vendor_number bigint not null,
  currency text not null,
  amount_milli bigint not null,
  reference text not null,
  booked_at timestamp with time zone not null,
  constraint vendor_payment_pkey PRIMARY KEY (id),
  constraint vendor_payment_positive CHECK ((amount_milli > 0)),
  constraint vendor_payment_vendor_number_fkey FOREIGN KEY (vendor_number) REFERENCES vendor(number)
);

create table webhook (
  customer_number bigint not null,
  url text not null,
  secret bytea not null,
  set_at timestamp with time zone not null,
  constraint webhook_pkey PRIMARY KEY (customer_number),
  constraint webhook_customer_number_fkey FOREIGN KEY (customer_number) REFERENCES customer(number),
  constraint webhook_url_length CHECK (((char_length(url) >= 1) AND (char_length(url) <= 2000)))
);

create table webhook_delivery (
  job_number bigint not null,
  id uuid not null,
  customer_number bigint not null,
  attempts integer not null default 0,
  next_at timestamp with time zone,
  delivered_at timestamp with time zone,
  last_outcome text,
  constraint webhook_delivery_pkey PRIMARY KEY (job_number),
  constraint webhook_delivery_customer_number_fkey FOREIGN KEY (customer_number) REFERENCES customer(number),
  constraint webhook_delivery_job_number_fkey FOREIGN KEY (job_number) REFERENCES job(number),
  constraint webhook_delivery_over CHECK (((delivered_at IS NULL) OR (next_at IS NULL)))
);
CREATE INDEX webhook_delivery_due ON webhook_delivery USING btree (next_at) WHERE (next_at IS NOT NULL);

create view accepted_run as
 SELECT result.job_number,
    result.first_unit,
    result.units,
    result.assignment_id,
    result.first_unit AS result_first_unit
   FROM result
     JOIN job_cursor USING (job_number)
  WHERE job_cursor.copies = 1 AND job_cursor.trust IS NULL
UNION ALL
 SELECT agreed_run.job_number,
    agreed_run.first_unit,
    agreed_run.units,
    agreed_run.assignment_id,
    result.first_unit AS result_first_unit
   FROM agreed_run
     JOIN result USING (job_number, assignment_id)
UNION ALL
 SELECT trust_run.job_number,
    trust_run.first_unit,
    trust_run.units,
    trust_run.assignment_id,
    trust_run.first_unit AS result_first_unit
   FROM trust_run;

create view claim_document_defect as
 SELECT 'claim-lines-not-payable'::text AS name,
    (((a.code || ': lines '::text) || COALESCE(l.amount, 0::numeric)) || ', booked '::text) || COALESCE(b.amount, 0::numeric) AS detail
   FROM ( SELECT each.vendor_number,
            each.part,
            sum(each.amount) AS amount
           FROM ( SELECT d.vendor_number,
                    s.part,
                    c.amount_milli AS amount
                   FROM claim_document_line l_1
                     JOIN claim_document d ON d.number = l_1.document_number
                     JOIN claim c ON c.number = l_1.claim_number
                     JOIN LATERAL ( VALUES ('confirmed'::text,'invoiced'::text), ('disputed'::text,'disputed'::text)) s(state, part) ON s.state = l_1.state
                UNION ALL
                 SELECT d.vendor_number,
                    'invoiced'::text,
                    t.tax_milli + t.rounding_milli
                   FROM claim_total t
                     JOIN claim_document d ON d.number = t.document_number) each
          GROUP BY each.vendor_number, each.part) l
     FULL JOIN ( SELECT split_part(a_1.code, ':'::text, 3)::bigint AS vendor_number,
            split_part(a_1.code, ':'::text, 4) AS part,
            - sum(p.amount) AS amount
           FROM ledger.posting p
             JOIN ledger.account a_1 ON a_1.id = p.account_id
             JOIN ledger.command m ON m.id = p.journal_id
          WHERE a_1.code ~ '^(payable|receivable):vendor:[0-9]+:(invoiced|disputed)$'::text AND (m.event = ANY (ARRAY['claims-answered'::text, 'dispute-settled'::text]))
          GROUP BY (split_part(a_1.code, ':'::text, 3)::bigint), (split_part(a_1.code, ':'::text, 4))) b ON b.vendor_number = l.vendor_number AND b.part = l.part
     JOIN LATERAL ( SELECT (('payable:vendor:'::text || COALESCE(l.vendor_number, b.vendor_number)) || ':'::text) || COALESCE(l.part, b.part) AS code) a ON true
  WHERE COALESCE(l.amount, 0::numeric) <> COALESCE(b.amount, 0::numeric);

create view claim_event as
 SELECT number AS claim_number,
        CASE
            WHEN kind = 'refund'::text THEN 'refund:'::text || id
            WHEN order_id IS NOT NULL THEN 'order:'::text || order_id
            WHEN month IS NULL THEN 'license-fee:'::text || registration_id
            ELSE (('license-month:'::text || registration_id) || ':'::text) || month
        END AS event
   FROM claim c
  WHERE state = 'accrued'::text AND amount_milli <> 0;

create view correction_defect as
 SELECT 'charged-for-wrong-fuel'::text AS name,
    (((('invoice '::text || i.document_number) || ': '::text) || (i.net_milli::numeric - n.credited)) || ' charged, the right results are worth '::text) || w.worth AS detail
   FROM job_correction c
     JOIN job part ON part.number = c.job_number
     JOIN invoice_line l ON l.job_number = COALESCE(part.parent_number, part.number)
     JOIN invoice i ON i.number = l.invoice_number
     JOIN rate_card r ON r.version = l.rate_version
     CROSS JOIN LATERAL ( SELECT COALESCE(sum(credit_note.net_milli), 0::numeric) AS credited
           FROM credit_note
          WHERE credit_note.invoice_number = i.number) n
     CROSS JOIN LATERAL ( SELECT 1000::numeric * div(2::numeric * div(2::numeric * standing_fuel(l.job_number) * r.price_milli::numeric * l.factor_thousandths::numeric + r.per_fuel::numeric * 1000::numeric, r.per_fuel::numeric * 2000::numeric) + 1000::numeric, 2000::numeric) AS worth) w
  WHERE NOT (EXISTS ( SELECT
           FROM invoice_void v
          WHERE v.invoice_number = i.number)) AND NOT (EXISTS ( SELECT
           FROM job_correction waiting
             JOIN job owner ON owner.number = waiting.job_number
          WHERE COALESCE(owner.parent_number, owner.number) = l.job_number AND waiting.credited_at IS NULL)) AND (i.net_milli::numeric - n.credited) > w.worth
UNION ALL
 SELECT 'correction-note-of-another-job'::text AS name,
    'note '::text || n.document_number AS detail
   FROM job_correction c
     JOIN credit_note n ON n.number = c.credit_note_number
     JOIN job part ON part.number = c.job_number
     JOIN invoice_line l ON l.invoice_number = n.invoice_number
  WHERE l.job_number <> COALESCE(part.parent_number, part.number);

create view credit_defect as
 SELECT 'credited-beyond-invoice'::text AS name,
    (((i.document_number || ': '::text) || i.total_milli) || ', credited '::text) || n.total AS detail
   FROM invoice i
     JOIN ( SELECT credit_note.invoice_number,
            sum(credit_note.net_milli) AS net,
            sum(credit_note.tax_milli) AS tax,
            sum(credit_note.total_milli) AS total
           FROM credit_note
          GROUP BY credit_note.invoice_number) n ON n.invoice_number = i.number
  WHERE n.net > i.net_milli::numeric OR n.tax > i.tax_milli::numeric
UNION ALL
 SELECT 'void-and-credited'::text AS name,
    i.document_number AS detail
   FROM invoice i
     JOIN invoice_void v ON v.invoice_number = i.number
  WHERE (EXISTS ( SELECT
           FROM credit_note n
          WHERE n.invoice_number = i.number))
UNION ALL
 SELECT 'credits-not-booked'::text AS name,
    (('credited '::text || n.total) || ', booked '::text) || b.booked AS detail
   FROM ( SELECT COALESCE(sum(credit_note.net_milli), 0::numeric) AS total
           FROM credit_note) n
     CROSS JOIN ( SELECT COALESCE(sum(p.amount), 0::numeric) AS booked
           FROM ledger.posting p
             JOIN ledger.account a ON a.id = p.account_id
             JOIN ledger.command c ON c.id = p.journal_id
          WHERE a.code = 'revenue:compute'::text AND c.event = 'customer-credited'::text) b
  WHERE n.total <> b.booked
UNION ALL
 SELECT 'voids-not-booked'::text AS name,
    (('voided '::text || v.total) || ', booked '::text) || b.booked AS detail
   FROM ( SELECT COALESCE(sum(i.total_milli), 0::numeric) AS total
           FROM invoice_void
             JOIN invoice i ON i.number = invoice_void.invoice_number) v
     CROSS JOIN ( SELECT COALESCE(- sum(p.amount), 0::numeric) AS booked
           FROM ledger.posting p
             JOIN ledger.account a ON a.id = p.account_id
             JOIN ledger.command c ON c.id = p.journal_id
          WHERE a.code ^@ 'receivable:customer:'::text AND c.event = 'invoice-voided'::text) b
  WHERE v.total <> b.booked;

create view document_defect as
 SELECT 'invoice-not-as-booked'::text AS name,
    (((((((((((((((('invoice '::text || i.document_number) || ': customer '::text) || i.customer_number) || ', net '::text) || i.net_milli) || ', tax '::text) || i.tax_milli) || ', fuel '::text) || l.fuel) || '; booked: customer '::text) || (c.said ->> 'customer'::text)) || ', net '::text) || (c.said ->> 'net'::text)) || ', tax '::text) || (c.said ->> 'tax'::text)) || ', fuel '::text) || (c.said ->> 'fuel'::text) AS detail
   FROM invoice i
     JOIN invoice_line l ON l.invoice_number = i.number
     JOIN job j ON j.number = l.job_number
     JOIN ledger.command k ON k.key = (('job:'::text || j.id) || ':invoice'::text)
     CROSS JOIN LATERAL ( SELECT k.body::jsonb -> 'command'::text AS said) c
  WHERE i.customer_number::text <> (c.said ->> 'customer'::text) OR i.net_milli <> ((c.said ->> 'net'::text)::bigint) OR i.tax_milli <> ((c.said ->> 'tax'::text)::bigint) OR l.fuel <> ((c.said ->> 'fuel'::text)::numeric) OR l.rate_version <> ((c.said ->> 'rateVersion'::text)::integer) OR l.level <> (c.said ->> 'level'::text) OR l.factor_thousandths <> ((c.said ->> 'factor'::text)::integer)
UNION ALL
 SELECT 'credit-note-not-as-booked'::text AS name,
    (((((((((((('credit note '::text || n.document_number) || ': invoice '::text) || i.document_number) || ', net '::text) || n.net_milli) || ', tax '::text) || n.tax_milli) || '; booked: invoice '::text) || (c.said ->> 'invoice'::text)) || ', net '::text) || (c.said ->> 'net'::text)) || ', tax '::text) || (c.said ->> 'tax'::text) AS detail
   FROM credit_note n
     JOIN invoice i ON i.number = n.invoice_number
     JOIN ledger.command k ON k.key = ('credit-note:'::text || n.id)
     CROSS JOIN LATERAL ( SELECT k.body::jsonb -> 'command'::text AS said) c
  WHERE i.document_number <> (c.said ->> 'invoice'::text) OR n.net_milli <> ((c.said ->> 'net'::text)::bigint) OR n.tax_milli <> ((c.said ->> 'tax'::text)::bigint);

create view funds_defect as
 SELECT 'hold-not-of-open-job'::text AS name,
    (((('job '::text || j.id) || ' is '::text) || j.state) || ', its hold '::text) || COALESCE(r.kind, 'open'::text) AS detail
   FROM job j
     LEFT JOIN ledger.hold_resolution r ON r.hold_id = j.ledger_hold_id
  WHERE j.ledger_hold_id IS NOT NULL AND j.hold_is_open <> (r.hold_id IS NULL)
UNION ALL
 SELECT 'job-without-hold'::text AS name,
    ((('job '::text || j.id) || ' may cost '::text) || j.max_price_milli) || ' and nothing is held'::text AS detail
   FROM job j
  WHERE j.max_price_milli IS NOT NULL AND j.ledger_hold_id IS NULL
UNION ALL
 SELECT 'hold-not-max-price'::text AS name,
    (((('job '::text || j.id) || ' may cost '::text) || j.max_price_milli) || ', held '::text) || p.held AS detail
   FROM job j
     CROSS JOIN LATERAL ( SELECT sum(hold_part.amount) AS held
           FROM ledger.hold_part
          WHERE hold_part.hold_id = j.ledger_hold_id) p
  WHERE j.ledger_hold_id IS NOT NULL AND p.held IS DISTINCT FROM j.max_price_milli::numeric
UNION ALL
 SELECT 'invoiced-beyond-max-price'::text AS name,
    (((('job '::text || j.id) || ' may cost '::text) || COALESCE(j.max_price_milli, 0::bigint)) || ', invoiced '::text) || i.total_milli AS detail
   FROM invoice i
     JOIN invoice_line l ON l.invoice_number = i.number
     JOIN job j ON j.number = l.job_number
  WHERE i.total_milli > COALESCE(j.max_price_milli, 0::bigint)
UNION ALL
 SELECT 'owed-not-credit-used'::text AS name,
    (((((('customer '::text || c.number) || ': owed '::text) || COALESCE(r.posted, 0::bigint)) || ', credit given '::text) || COALESCE(g.given, 0::numeric)) || ', left '::text) || COALESCE(l.posted, 0::bigint) AS detail
   FROM customer c
     LEFT JOIN ledger.account_balance r ON r.code = ('receivable:customer:'::text || c.number)
     LEFT JOIN ledger.account_balance l ON l.code = ('credit-limit:customer:'::text || c.number)
     LEFT JOIN ( SELECT credit_limit.customer_number,
            sum(credit_limit.change_milli) AS given
           FROM credit_limit
          GROUP BY credit_limit.customer_number) g ON g.customer_number = c.number
  WHERE COALESCE(r.posted, 0::bigint)::numeric <> (COALESCE(g.given, 0::numeric) - COALESCE(l.posted, 0::bigint)::numeric)
UNION ALL
 SELECT 'payments-not-cash'::text AS name,
    (('paid '::text || p.paid) || ', booked '::text) || b.booked AS detail
   FROM ( SELECT COALESCE(sum(
                CASE payment.kind
                    WHEN 'return'::text THEN - payment.amount_milli
                    ELSE payment.amount_milli
                END), 0::numeric) AS paid
           FROM payment) p
     CROSS JOIN ( SELECT COALESCE(sum(q.amount), 0::numeric) AS booked
           FROM ledger.posting q
             JOIN ledger.account a ON a.id = q.account_id
             JOIN ledger.command c ON c.id = q.journal_id
          WHERE a.code = 'cash'::text AND (c.event = ANY (ARRAY['customer-deposit'::text, 'customer-payment'::text, 'customer-return'::text]))) b
  WHERE p.paid <> b.booked;

create view held_run as
 SELECT assignment.job_number,
    assignment.first_unit,
    assignment.units
   FROM assignment
  WHERE NOT assignment.is_copy
UNION ALL
 SELECT reissue.job_number,
    reissue.first_unit,
    reissue.units
   FROM reissue
UNION ALL
 SELECT result.job_number,
    result.first_unit,
    result.units
   FROM result
     JOIN job_cursor USING (job_number)
  WHERE NOT result.is_copy AND job_cursor.trust IS NULL
UNION ALL
 SELECT trust_run.job_number,
    trust_run.first_unit,
    trust_run.units
   FROM trust_run;

create view money_defect as
 SELECT 'invoice-not-receivable'::text AS name,
    (((('customer '::text || COALESCE(i.customer_number::text, b.code)) || ': invoiced '::text) || COALESCE(i.total, 0::numeric)) || ', booked '::text) || COALESCE(b.posted, 0::numeric) AS detail
   FROM ( SELECT invoice.customer_number,
            'receivable:customer:'::text || invoice.customer_number AS code,
            sum(invoice.total_milli) AS total
           FROM invoice
          GROUP BY invoice.customer_number) i
     FULL JOIN ( SELECT a.code,
            sum(p.amount) AS posted
           FROM ledger.posting p
             JOIN ledger.account a ON a.id = p.account_id
             JOIN ledger.command c ON c.id = p.journal_id
          WHERE a.code ^@ 'receivable:customer:'::text AND c.event = 'job-invoiced'::text AND p.amount > 0
          GROUP BY a.code) b ON b.code = i.code
  WHERE COALESCE(i.total, 0::numeric) <> COALESCE(b.posted, 0::numeric)
UNION ALL
 SELECT 'claims-not-payable'::text AS name,
    (((('vendor '::text || COALESCE(c.vendor_number::text, b.vendor)) || ': claimed '::text) || COALESCE(c.total, 0::numeric)) || ', booked '::text) || COALESCE(b.posted, 0::numeric) AS detail
   FROM ( SELECT claim.vendor_number,
            sum(claim.amount_milli) AS total
           FROM claim
          WHERE claim.state = 'accrued'::text
          GROUP BY claim.vendor_number) c
     FULL JOIN ( SELECT split_part(a.code, ':'::text, 3) AS vendor,
            - sum(p.amount) AS posted
           FROM ledger.posting p
             JOIN ledger.account a ON a.id = p.account_id
             JOIN ledger.command m ON m.id = p.journal_id
          WHERE a.code ~ '^(payable|receivable):vendor:[^:]+:accrued$'::text AND (m.event = ANY (ARRAY['license-fee'::text, 'points-captured'::text, 'points-refunded'::text]))
          GROUP BY (split_part(a.code, ':'::text, 3))) b ON b.vendor = c.vendor_number::text
  WHERE COALESCE(c.total, 0::numeric) <> COALESCE(b.posted, 0::numeric)
UNION ALL
 SELECT 'capture-without-claim'::text AS name,
    (((('hold '::text || h.id) || ' captured '::text) || h.captured_milli) || ', claimed '::text) || COALESCE(c.amount_milli, 0::bigint) AS detail
   FROM points_hold h
     LEFT JOIN claim c ON c.vendor_number = h.vendor_number AND c.order_id = h.order_id AND c.kind = 'discount'::text
  WHERE h.state = 'captured'::text AND (c.amount_milli IS NULL OR points_worth(h.captured_milli, c.currency) IS DISTINCT FROM c.amount_milli::numeric)
UNION ALL
 SELECT 'hold-state-differs'::text AS name,
    (((('hold '::text || h.id) || ' is '::text) || h.state) || ', in the books '::text) || COALESCE(r.kind, 'held'::text) AS detail
   FROM points_hold h
     LEFT JOIN ledger.hold_resolution r ON r.hold_id = h.ledger_hold_id
  WHERE h.state <> COALESCE(r.kind, 'held'::text)
UNION ALL
 SELECT 'refunds-differ'::text AS name,
    (((((('hold '::text || h.id) || ': refunded '::text) || h.refunded_milli) || ', refunds '::text) || COALESCE(r.points, 0::numeric)) || ', claimed '::text) || COALESCE(r.claimed, 0::numeric) AS detail
   FROM points_hold h
     LEFT JOIN ( SELECT r_1.hold_id,
            sum(r_1.points_milli) AS points,
            sum(- c.amount_milli) AS claimed
           FROM points_refund r_1
             LEFT JOIN claim c ON c.id = r_1.id AND c.kind = 'refund'::text
          GROUP BY r_1.hold_id) r ON r.hold_id = h.id
     LEFT JOIN claim d ON d.vendor_number = h.vendor_number AND d.order_id = h.order_id AND d.kind = 'discount'::text
  WHERE h.refunded_milli::numeric <> COALESCE(r.points, 0::numeric) OR (h.refunded_milli <> 0 OR r.claimed IS NOT NULL) AND points_worth(h.refunded_milli, d.currency) IS DISTINCT FROM COALESCE(r.claimed, 0::numeric)
UNION ALL
 SELECT 'claim-without-refund'::text AS name,
    'claim '::text || c.id AS detail
   FROM claim c
  WHERE c.kind = 'refund'::text AND NOT (EXISTS ( SELECT
           FROM points_refund r
          WHERE r.id = c.id));

create view own_event as
 SELECT v.id::text AS counterparty,
    e.event,
    c.accepted_at AS at,
        CASE c.kind
            WHEN 'license-fee'::text THEN 'license fee'::text
            ELSE c.kind
        END AS description,
    c.currency,
    c.amount_milli AS amount
   FROM claim c
     JOIN claim_event e ON e.claim_number = c.number
     JOIN vendor v ON v.number = c.vendor_number
UNION ALL
 SELECT v.id::text AS counterparty,
    'cancelled:'::text || e.event AS event,
    l.settled_at AS at,
    'cancelled'::text AS description,
    c.currency,
    - c.amount_milli AS amount
   FROM claim_document_line l
     JOIN claim c ON c.number = l.claim_number
     JOIN claim_event e ON e.claim_number = c.number
     JOIN vendor v ON v.number = c.vendor_number
  WHERE l.state = 'cancelled'::text
UNION ALL
 SELECT v.id::text AS counterparty,
    ((('total:'::text || d.document_number) || ':'::text) || t.sequence) COLLATE "default" AS event,
    t.at,
    'tax and rounding'::text AS description,
    d.currency,
    t.tax_milli + t.rounding_milli AS amount
   FROM claim_total t
     JOIN claim_document d ON d.number = t.document_number
     JOIN vendor v ON v.number = d.vendor_number
  WHERE (t.tax_milli + t.rounding_milli) <> 0
UNION ALL
 SELECT v.id::text AS counterparty,
    ('payment:'::text || p.id) COLLATE "default" AS event,
    p.booked_at AS at,
    'payment'::text AS description,
    p.currency,
    - p.amount_milli AS amount
   FROM vendor_payment p
     JOIN vendor v ON v.number = p.vendor_number;

create view price_defect as
 SELECT 'line-not-by-rate'::text AS name,
    (((('invoice '::text || i.document_number) || ': '::text) || (l.amount_milli + l.beyond_limit_milli)) || ', by its rate '::text) || w.worth AS detail
   FROM invoice_line l
     JOIN invoice i ON i.number = l.invoice_number
     JOIN rate_card r ON r.version = l.rate_version
     CROSS JOIN LATERAL ( SELECT div(2::numeric * l.fuel * r.price_milli::numeric * l.factor_thousandths::numeric + r.per_fuel::numeric * 1000::numeric, r.per_fuel::numeric * 2000::numeric) AS worth) w
  WHERE (l.amount_milli + l.beyond_limit_milli)::numeric <> w.worth
UNION ALL
 SELECT 'line-not-of-its-level'::text AS name,
    (((('invoice '::text || i.document_number) || ': '::text) || l.level) || ' at '::text) || l.factor_thousandths AS detail
   FROM invoice_line l
     JOIN invoice i ON i.number = l.invoice_number
     JOIN rate_card r ON r.version = l.rate_version
     JOIN job j ON j.number = l.job_number
  WHERE l.level IS NOT NULL AND (l.level <>
        CASE
            WHEN ((j.spec ->> 'copies'::text)::integer) > 1 THEN 'copies'::text
            ELSE COALESCE(j.spec ->> 'trust'::text, 'plain'::text)
        END OR l.factor_thousandths <>
        CASE
            WHEN r.level_factors IS NULL THEN 1000
            WHEN l.level = 'copies'::text THEN ((r.level_factors ->> 'plain'::text)::integer) * ((j.spec ->> 'copies'::text)::integer)
            ELSE (r.level_factors ->> l.level)::integer
        END);

create view shown_run as
 SELECT job_number,
    first_unit,
    units,
    assignment_id,
    result_first_unit
   FROM accepted_run a
  WHERE NOT (EXISTS ( SELECT
           FROM trust_run r
          WHERE r.job_number = a.job_number AND r.first_unit = a.first_unit AND r.is_decoy));

create view standing_debt as
 SELECT d.member,
    d.debt_milli,
    b.available_milli
   FROM ( SELECT split_part(account_balance.code, ':'::text, 3) AS member,
            account_balance.posted AS debt_milli
           FROM ledger.account_balance
          WHERE account_balance.code ^@ 'points:debt:'::text AND account_balance.posted > 0) d
     JOIN ( SELECT split_part(account_balance.code, ':'::text, 3) AS member,
            sum(account_balance.available) AS available_milli
           FROM ledger.account_balance
          WHERE account_balance.code ^@ 'points:member:'::text AND account_balance.available > 0
          GROUP BY (split_part(account_balance.code, ':'::text, 3))) b ON b.member = d.member;

CREATE OR REPLACE FUNCTION dispatch_defects()
 RETURNS TABLE(name text, job bigint, detail text)
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT unit_defects.name,
     unit_defects.job,
     unit_defects.detail
    FROM unit_defects() unit_defects(name, job, detail)
 UNION ALL
  SELECT trust_defects.name,
     trust_defects.job,
     trust_defects.detail
    FROM trust_defects() trust_defects(name, job, detail);
END;

CREATE OR REPLACE FUNCTION points_entries(after bigint, last bigint)
 RETURNS TABLE(id bigint, member_number bigint, terminal_number bigint, rate_version integer, kind text, use text, fuel bigint, units integer, at timestamp with time zone)
 LANGUAGE sql
 STABLE
AS $function$
  with batch as materialized (
    select e.id, e.member_number, e.terminal_number, j.rate_version, e.kind, e.fuel, e.units, e.at
    from points_entry e
    join job j on j.number = e.job_number
    where e.id > after
      and e.id <= last
  ),
  choice as materialized (
    select r.terminal_number, min(r.kind) as kind, min(r.kind) <> max(r.kind) as varies
    from registration r
    where r.terminal_number in (select terminal_number from batch)
    group by r.terminal_number
  )
  select b.id, b.member_number, b.terminal_number, b.rate_version, b.kind,
         case
           when c.varies then points_use(b.terminal_number, b.at)
           when c.kind = 'application' then 'evidence'
           else 'spend'
         end,
         b.fuel, b.units, b.at
  from batch b
  left join choice c on c.terminal_number = b.terminal_number
$function$;

CREATE OR REPLACE FUNCTION points_tally_use(kind text, use text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case when kind in ('committed', 'forfeited') then 'spend' else use end
$function$;

CREATE OR REPLACE FUNCTION points_use(terminal bigint, instant timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce((
    select case kind when 'application' then 'evidence' else 'spend' end
    from registration
    where terminal_number = terminal
    order by
      (registered_at <= instant and (ended_at is null or ended_at > instant)) desc,
      (registered_at <= instant) desc,
      case when registered_at <= instant then registered_at end desc nulls last,
      registered_at
    limit 1
  ), 'spend')
$function$;

CREATE OR REPLACE FUNCTION points_worth(points_milli bigint, wanted text)
 RETURNS numeric
 LANGUAGE sql
 STABLE
AS $function$
  select points_milli * power(10::numeric, max(scale) - 3)
  from ledger.account
  where commodity = wanted
$function$;

CREATE OR REPLACE FUNCTION refuse_document_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% is append-only: what was issued is corrected by a document of its own', tg_table_name
    using errcode = 'integrity_constraint_violation';
end
$function$;

CREATE OR REPLACE FUNCTION registration_work_in(registration_id uuid, first_day date, day_before date)
 RETURNS TABLE(kind text, use text, rate_version integer, fuel numeric, units numeric)
 LANGUAGE sql
 STABLE
AS $function$
  with term as (
    select terminal_number, (registered_at at time zone 'UTC')::date as began_on, (ended_at at time zone 'UTC')::date as ended_on,
           began_work, ended_work
    from registration
    where id = registration_id
  )
  select w.kind, w.use, w.rate_version, greatest(sum(w.fuel), 0), greatest(sum(w.units), 0)
  from (
    select w.kind, w.use, w.rate_version, w.fuel, w.units
    from term t
    cross join terminal_work_in(t.terminal_number, greatest(first_day, t.began_on), least(day_before, t.ended_on + 1)) w
    where w.day is distinct from case when t.ended_work is not null then t.ended_on end
    union all
    select w.kind, w.use, w.rate_version, w.fuel, w.units
    from term t
    cross join jsonb_to_recordset(t.ended_work) w(kind text, use text, rate_version int, fuel numeric, units bigint)
    where t.ended_on >= first_day
      and t.ended_on < day_before
    union all
    select w.kind, w.use, w.rate_version, -w.fuel, -w.units
    from term t
    cross join jsonb_to_recordset(t.began_work) w(kind text, use text, rate_version int, fuel numeric, units bigint)
    where t.began_on >= first_day
      and t.began_on < day_before
  ) w
  group by w.kind, w.use, w.rate_version
$function$;

CREATE OR REPLACE FUNCTION standing_fuel(owner bigint)
 RETURNS numeric
 LANGUAGE sql
 STABLE
AS $function$
  select sum(coalesce(c.fuel, part.fuel))
  from job
  join job part on part.parent_number = job.number or (part.number = job.number and job.current_phase is null)
  left join job_cursor c on c.job_number = part.number
  where job.number = owner
$function$;

CREATE OR REPLACE FUNCTION terminal_work_in(terminal bigint, first_day date, day_before date)
 RETURNS TABLE(day date, kind text, use text, rate_version integer, fuel numeric, units bigint)
 LANGUAGE sql
 STABLE
AS $function$
  select w.day, w.kind, w.use, w.rate_version, w.fuel, w.units
  from terminal_work w
  where w.terminal_number = terminal
    and w.day >= first_day
    and w.day < day_before
  union all
  select (e.at at time zone 'UTC')::date, e.kind, points_use(e.terminal_number, e.at), j.rate_version, e.fuel, e.units
  from points_entry e
  join job j on j.number = e.job_number
  where e.id > (select last_entry from points_position)
    and e.terminal_number = terminal
    and (e.at at time zone 'UTC')::date >= first_day
    and (e.at at time zone 'UTC')::date < day_before
$function$;

CREATE OR REPLACE FUNCTION terminal_work_of_day(terminal bigint, instant timestamp with time zone)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(
    jsonb_agg(jsonb_build_object('kind', kind, 'use', use, 'rate_version', rate_version, 'fuel', fuel, 'units', units)), '[]')
  from (
    select kind, use, rate_version, sum(fuel) as fuel, sum(units) as units
    from terminal_work_in(terminal, (instant at time zone 'UTC')::date, (instant at time zone 'UTC')::date + 1)
    group by kind, use, rate_version
  ) w
$function$;

CREATE OR REPLACE FUNCTION trust_defects()
 RETURNS TABLE(name text, job bigint, detail text)
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT 'final count differs'::text,
     c.job_number,
     format('%s counted, %s final'::text, c.units_final, COALESCE(sum(r.units), (0)::bigint)) AS format
    FROM (job_cursor c
      LEFT JOIN trust_run r ON (((r.job_number = c.job_number) AND (r.state = 'final'::text))))
   WHERE (c.trust IS NOT NULL)
   GROUP BY c.job_number, c.units_final
  HAVING (c.units_final <> COALESCE(sum(r.units), (0)::bigint))
 UNION ALL
  SELECT 'fuel differs'::text,
     c.job_number,
     format('%s counted, %s in results'::text, c.fuel, COALESCE(sum(r.fuel), (0)::numeric)) AS format
    FROM (job_cursor c
      LEFT JOIN trust_run r ON ((r.job_number = c.job_number)))
   WHERE (c.trust IS NOT NULL)
   GROUP BY c.job_number, c.fuel
  HAVING (c.fuel <> COALESCE(sum(r.fuel), (0)::numeric))
 UNION ALL
  SELECT 'awaits nothing'::text,
     r.job_number,
     format('units %s+%s'::text, r.first_unit, r.units) AS format
    FROM trust_run r
   WHERE (r.awaits AND (NOT (EXISTS ( SELECT
            FROM audit a
           WHERE ((a.job_number = r.job_number) AND (a.first_unit = r.first_unit) AND (a.state <> 'done'::text))))))
 UNION ALL
  SELECT 'audit of nothing'::text,
     a.job_number,
     format('audit %s of units %s+%s'::text, a.id, a.first_unit, a.units) AS format
    FROM audit a
   WHERE ((a.state <> 'done'::text) AND (NOT (EXISTS ( SELECT
            FROM trust_run r
           WHERE ((r.job_number = a.job_number) AND (r.first_unit = a.first_unit) AND r.awaits)))))
 UNION ALL
  SELECT 'escrow differs'::text,
     p.job_number,
     format('terminal %s: %s by entries, %s by results'::text, p.terminal_number, p.by_entries, p.by_results) AS format
    FROM ( SELECT parts.job_number,
             parts.terminal_number,
             sum(parts.by_entries) AS by_entries,
             sum(parts.by_results) AS by_results
            FROM ( SELECT e.job_number,
                     e.terminal_number,
                         CASE
                             WHEN (e.kind = 'committed'::text) THEN e.fuel
                             WHEN (e.kind = ANY (ARRAY['finalized'::text, 'forfeited'::text])) THEN (- e.fuel)
                             ELSE (0)::bigint
                         END AS by_entries,
                     0 AS by_results
                    FROM (points_entry e
                      JOIN job_cursor c ON (((c.job_number = e.job_number) AND (c.trust IS NOT NULL))))
                 UNION ALL
                  SELECT trust_run.job_number,
                     trust_run.terminal_number,
                     0,
                     trust_run.fuel
                    FROM trust_run
                   WHERE (trust_run.points = 'pending'::text)
                 UNION ALL
                  SELECT a.job_number,
                     a.terminal_number,
                     0,
                     a.fuel
                    FROM (audit a
                      JOIN job_cursor c ON ((c.job_number = a.job_number)))
                   WHERE (a.points = 'pending'::text)) parts
           GROUP BY parts.job_number, parts.terminal_number) p
   WHERE (p.by_entries <> p.by_results)
 UNION ALL
  SELECT 'paid differs'::text,
     p.job_number,
     format('terminal %s: %s by entries, %s by results'::text, p.terminal_number, p.by_entries, p.by_results) AS format
    FROM ( SELECT parts.job_number,
             parts.terminal_number,
             sum(parts.by_entries) AS by_entries,
             sum(parts.by_results) AS by_results
            FROM ( SELECT e.job_number,
                     e.terminal_number,
                         CASE e.kind
                             WHEN 'finalized'::text THEN e.fuel
                             WHEN 'recalled'::text THEN (- e.fuel)
                             ELSE (0)::bigint
                         END AS by_entries,
                     0 AS by_results
                    FROM (points_entry e
                      JOIN job_cursor c ON (((c.job_number = e.job_number) AND (c.trust IS NOT NULL))))
                 UNION ALL
                  SELECT r.job_number,
                     r.terminal_number,
                     0,
                     r.fuel
                    FROM (trust_run r
                      JOIN job_cursor c ON ((c.job_number = r.job_number)))
                   WHERE (r.points = 'paid'::text)
                 UNION ALL
                  SELECT a.job_number,
                     a.terminal_number,
                     0,
                     a.fuel
                    FROM (audit a
                      JOIN job_cursor c ON ((c.job_number = a.job_number)))
                   WHERE (a.points = 'paid'::text)) parts
           GROUP BY parts.job_number, parts.terminal_number) p
   WHERE (p.by_entries <> p.by_results)
 UNION ALL
  SELECT 'done and not final'::text,
     j.number,
     format('%s of %s units final'::text, c.units_final, c.unit_count) AS format
    FROM (job j
      JOIN job_cursor c ON ((c.job_number = j.number)))
   WHERE ((c.trust IS NOT NULL) AND (j.state = ANY (ARRAY['merging'::text, 'done'::text])) AND (c.units_final <> c.unit_count));
END;

CREATE OR REPLACE FUNCTION unit_defects()
 RETURNS TABLE(name text, job bigint, detail text)
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT 'accepted twice'::text,
     a.job_number,
     format('units %s+%s and %s+%s'::text, a.first_unit, a.units, b.first_unit, b.units) AS format
    FROM (accepted_run a
      JOIN accepted_run b ON (((b.job_number = a.job_number) AND (b.first_unit < (a.first_unit + a.units)) AND ((b.first_unit + b.units) > a.first_unit) AND (ROW(b.first_unit, b.assignment_id) > ROW(a.first_unit, a.assignment_id)))))
 UNION ALL
  SELECT 'count differs'::text,
     c.job_number,
     format('%s counted, %s accepted'::text, c.units_done, COALESCE(sum(a.units), (0)::bigint)) AS format
    FROM (job_cursor c
      LEFT JOIN accepted_run a ON ((a.job_number = c.job_number)))
   GROUP BY c.job_number, c.units_done
  HAVING (c.units_done <> COALESCE(sum(a.units), (0)::bigint))
 UNION ALL
  SELECT 'held twice'::text,
     p.job_number,
     format('%s units in all, %s different'::text, p.total, p.distinct_units) AS format
    FROM ( SELECT held.job_number,
             sum(held.units) AS total,
             ( SELECT sum((upper(r.r) - lower(r.r))) AS sum
                    FROM unnest(range_agg(int4range(held.first_unit, (held.first_unit + held.units)))) r(r)) AS distinct_units
            FROM held_run held
           GROUP BY held.job_number) p
   WHERE (p.total <> p.distinct_units)
 UNION ALL
  SELECT 'lost'::text,
     lost.job_number,
     (lost.gaps)::text AS gaps
    FROM ( SELECT c.job_number,
             (int4multirange(int4range(0, c.next_unit)) - COALESCE(( SELECT range_agg(int4range(covered.first_unit, (covered.first_unit + covered.units))) AS range_agg
                    FROM ( SELECT held.first_unit,
                             held.units
                            FROM held_run held
                           WHERE (held.job_number = c.job_number)
                         UNION ALL
                          SELECT b.first_unit,
                             b.units
                            FROM feeder_block b
                           WHERE (b.job_number = c.job_number)) covered), int4multirange())) AS gaps
            FROM job_cursor c
           WHERE c.is_open) lost
   WHERE (NOT isempty(lost.gaps));
END;
