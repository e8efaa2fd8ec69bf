create table claim (
  id uuid not null,
  number bigint not null generated always as identity,
  kind text not null,
  registration_id uuid,
  month text,
  order_id uuid,
  currency text not null,
  amount_milli bigint not null,
  state text not null,
  reason jsonb,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone,
  at timestamp with time zone not null,
  settled_at timestamp with time zone,
  evidence jsonb,
  evidence_sha256 text,
  constraint claim_pkey PRIMARY KEY (id),
  constraint claim_evidence_with_hash CHECK (((evidence IS NULL) = (evidence_sha256 IS NULL))),
  constraint claim_kind_known CHECK ((kind = ANY (ARRAY['license-fee'::text, 'discount'::text, 'refund'::text]))),
  constraint claim_number_key UNIQUE (number),
  constraint claim_order_id_fkey FOREIGN KEY (order_id) REFERENCES service_order(id),
  constraint claim_registration_id_fkey FOREIGN KEY (registration_id) REFERENCES registration(id),
  constraint claim_sign CHECK (
CASE kind
    WHEN 'refund'::text THEN (amount_milli < 0)
    ELSE (amount_milli >= 0)
END),
  constraint claim_state_known CHECK ((state = ANY (ARRAY['pending'::text, 'accrued'::text, 'refused'::text]))),
  constraint claim_subject CHECK ((((kind = 'license-fee'::text) AND (registration_id IS NOT NULL) AND (order_id IS NULL)) OR ((kind = ANY (ARRAY['discount'::text, 'refund'::text])) AND (order_id IS NOT NULL) AND (registration_id IS NULL) AND (month IS NULL))))
);
CREATE INDEX claim_due ON claim USING btree (next_attempt_at) WHERE (state = 'pending'::text);
CREATE UNIQUE INDEX claim_order_once ON claim USING btree (order_id) WHERE (kind = 'discount'::text);
CREATE UNIQUE INDEX claim_registration_once ON claim USING btree (registration_id, COALESCE(month, ''::text)) WHERE (kind = 'license-fee'::text);

create table claim_total (
  event text not null,
  currency text not null,
  tax_milli bigint not null,
  rounding_milli bigint not null,
  booked_at timestamp with time zone not null,
  constraint claim_total_pkey PRIMARY KEY (event)
);

create table contractor (
  only_one boolean not null default true,
  name text not null,
  public_key jsonb not null,
  first_seen_at timestamp with time zone not null,
  constraint contractor_pkey PRIMARY KEY (only_one),
  constraint contractor_only_one CHECK (only_one)
);

create table contractor_payment (
  id uuid not null,
  currency text not null,
  amount_milli bigint not null,
  reference text not null,
  booked_at timestamp with time zone not null,
  constraint contractor_payment_pkey PRIMARY KEY (id),
  constraint contractor_payment_positive CHECK ((amount_milli > 0))
);

create table dispute (
  event text not null,
  reason text not null,
  noted_at timestamp with time zone not null,
  constraint dispute_pkey PRIMARY KEY (event),
  constraint dispute_reason_length CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 500)))
);

create table given_up (
  event text not null,
  currency text not null,
  amount_milli bigint not null,
  given_up_at timestamp with time zone not null,
  constraint given_up_pkey PRIMARY KEY (event),
  constraint given_up_positive CHECK ((amount_milli > 0))
);

create table license (
  id uuid not null,
  registration_id uuid not null,
  member_id uuid not null,
  product text not null,
  state text not null default 'licensed'::text,
  reason jsonb,
  key_hash text not null,
  key_hint text not null,
  created_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  ended_at timestamp with time zone,
  suspended_for uuid,
  suspended_reentries integer,
  constraint license_pkey PRIMARY KEY (id),
  constraint license_key_hash_key UNIQUE (key_hash),
  constraint license_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id),
  constraint license_product_fkey FOREIGN KEY (product) REFERENCES product(name),
  constraint license_registration_id_fkey FOREIGN KEY (registration_id) REFERENCES registration(id),
  constraint license_registration_id_key UNIQUE (registration_id),
  constraint license_state_known CHECK ((state = ANY (ARRAY['licensed'::text, 'not-computing'::text, 'suspended'::text, 'revoked'::text, 'ended'::text]))),
  constraint license_suspended_for CHECK (((suspended_for IS NULL) OR ((state = 'suspended'::text) AND (suspended_reentries IS NOT NULL)))),
  constraint license_suspended_for_fkey FOREIGN KEY (suspended_for) REFERENCES registration(id)
);
CREATE TRIGGER license_after_confirmation BEFORE INSERT ON license FOR EACH ROW EXECUTE FUNCTION require_confirmed_registration();

create table license_device (
  license_id uuid not null,
  thumbprint text not null,
  registration_id uuid not null,
  activated_at timestamp with time zone not null,
  receipt jsonb,
  granted_at timestamp with time zone,
  grant_expires_at timestamp with time zone,
  offline_until timestamp with time zone,
  reentries integer not null default 0,
  constraint license_device_pkey PRIMARY KEY (license_id, thumbprint),
  constraint license_device_license_id_fkey FOREIGN KEY (license_id) REFERENCES license(id),
  constraint license_device_registration_id_fkey FOREIGN KEY (registration_id) REFERENCES registration(id),
  constraint license_device_thumbprint_fkey FOREIGN KEY (thumbprint) REFERENCES terminal(thumbprint)
);
CREATE INDEX license_device_registration ON license_device USING btree (registration_id);

create table license_event (
  number bigint not null generated always as identity,
  license_id uuid not null,
  at timestamp with time zone not null,
  from_state text not null,
  to_state text not null,
  reason jsonb,
  registration_id uuid,
  constraint license_event_pkey PRIMARY KEY (number),
  constraint license_event_changes CHECK ((from_state <> to_state)),
  constraint license_event_license_id_fkey FOREIGN KEY (license_id) REFERENCES license(id),
  constraint license_event_registration_id_fkey FOREIGN KEY (registration_id) REFERENCES registration(id)
);
CREATE INDEX license_event_license ON license_event USING btree (license_id, number);
CREATE TRIGGER license_event_never_changes BEFORE DELETE OR UPDATE ON license_event FOR EACH ROW EXECUTE FUNCTION refuse_change();

create table license_month (
  license_id uuid not null,
  month text not null,
  registration_id uuid not null,
  first_granted_at timestamp with time zone not null,
  hours bit(744) not null default (repeat('0'::text, 744))::bit(744),
  constraint license_month_pkey PRIMARY KEY (license_id, month),
  constraint license_month_license_id_fkey FOREIGN KEY (license_id) REFERENCES license(id),
  constraint license_month_registration_id_fkey FOREIGN KEY (registration_id) REFERENCES registration(id)
);
CREATE INDEX license_month_registration ON license_month USING btree (registration_id, month);

create table member (
  id uuid not null,
  number bigint not null generated always as identity,
  name text,
  contact text,
  registered_at timestamp with time zone not null,
  forgotten_at timestamp with time zone,
  constraint member_pkey PRIMARY KEY (id),
  constraint member_named_or_forgotten CHECK ((((name IS NULL) = (forgotten_at IS NOT NULL)) AND ((name IS NULL) = (contact IS NULL)))),
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

create table offline_use (
  license_id uuid not null,
  thumbprint text not null,
  began_at timestamp with time zone not null,
  ended_at timestamp with time zone not null,
  constraint offline_use_pkey PRIMARY KEY (license_id, thumbprint, began_at),
  constraint offline_use_forward CHECK ((ended_at > began_at)),
  constraint offline_use_license_id_thumbprint_fkey FOREIGN KEY (license_id, thumbprint) REFERENCES license_device(license_id, thumbprint)
);

create table order_refund (
  id uuid not null,
  number bigint not null generated always as identity,
  order_id uuid not null,
  asked_milli bigint,
  amount_milli bigint not null,
  points_milli bigint not null,
  discount_milli bigint not null,
  state text not null,
  reason jsonb,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone,
  requested_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint order_refund_pkey PRIMARY KEY (id),
  constraint order_refund_amounts CHECK (((amount_milli > 0) AND ((discount_milli >= 0) AND (discount_milli <= amount_milli)))),
  constraint order_refund_ended CHECK (((state = 'pending'::text) = (ended_at IS NULL))),
  constraint order_refund_number_key UNIQUE (number),
  constraint order_refund_order_id_fkey FOREIGN KEY (order_id) REFERENCES service_order(id),
  constraint order_refund_points_for_discount CHECK (((points_milli = 0) = (discount_milli = 0))),
  constraint order_refund_state_known CHECK ((state = ANY (ARRAY['pending'::text, 'done'::text, 'refused'::text])))
);
CREATE INDEX order_refund_due ON order_refund USING btree (next_attempt_at) WHERE (state = 'pending'::text);
CREATE INDEX order_refund_order ON order_refund USING btree (order_id);

create table product (
  name text not null,
  kind text not null,
  title text not null,
  description text not null,
  cash_currency text not null,
  cash_amount_milli bigint not null,
  cash_per text not null,
  window_days integer not null,
  points_milli_min bigint not null,
  devices_max integer not null,
  changed_at timestamp with time zone not null,
  constraint product_pkey PRIMARY KEY (name),
  constraint product_cash_not_negative CHECK ((cash_amount_milli >= 0)),
  constraint product_cash_per_known CHECK ((cash_per = ANY (ARRAY['month'::text, 'once'::text]))),
  constraint product_kind_known CHECK ((kind = ANY (ARRAY['application'::text, 'service'::text]))),
  constraint product_policy_sensible CHECK (((window_days >= 1) AND (points_milli_min >= 0) AND (devices_max >= 1)))
);

create table registration (
  id uuid not null,
  number bigint not null generated always as identity,
  member_id uuid not null,
  thumbprint text not null,
  product text not null,
  kind text not null,
  state text not null default 'requested'::text,
  request_hash text not null,
  proof text,
  problem jsonb,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone,
  requested_at timestamp with time zone not null,
  registered_at timestamp with time zone,
  issued_at timestamp with time zone,
  acknowledged_at timestamp with time zone,
  ended_at timestamp with time zone,
  ending_due boolean not null default false,
  constraint registration_pkey PRIMARY KEY (id),
  constraint registration_confirmed_state CHECK (((state = ANY (ARRAY['requested'::text, 'ended'::text])) OR (registered_at IS NOT NULL))),
  constraint registration_issued_after_confirmation CHECK (((issued_at IS NULL) OR (registered_at IS NOT NULL))),
  constraint registration_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id),
  constraint registration_number_key UNIQUE (number),
  constraint registration_product_fkey FOREIGN KEY (product) REFERENCES product(name),
  constraint registration_state_known CHECK ((state = ANY (ARRAY['requested'::text, 'registered'::text, 'issued'::text, 'acknowledged'::text, 'ended'::text]))),
  constraint registration_thumbprint_fkey FOREIGN KEY (thumbprint) REFERENCES terminal(thumbprint)
);
CREATE INDEX registration_due ON registration USING btree (next_attempt_at) WHERE ((state = 'requested'::text) OR ending_due);
CREATE INDEX registration_member ON registration USING btree (member_id);
CREATE UNIQUE INDEX registration_open_once ON registration USING btree (thumbprint, product) WHERE (state <> 'ended'::text);
CREATE INDEX registration_terminal ON registration USING btree (thumbprint, product);

create table release (
  number bigint not null generated always as identity,
  product text not null,
  version text not null,
  manifest text not null,
  published_at timestamp with time zone not null,
  constraint release_pkey PRIMARY KEY (number),
  constraint release_once UNIQUE (product, version),
  constraint release_product_fkey FOREIGN KEY (product) REFERENCES product(name)
);
CREATE TRIGGER release_never_changes BEFORE DELETE OR UPDATE ON release FOR EACH ROW EXECUTE FUNCTION refuse_change();

create table release_file (
  release_number bigint not null,
  line integer not null,
  name text not null,
  role text not null,
  sha256 text not null,
  bytes bigint not null,
  start text,
  constraint release_file_pkey PRIMARY KEY (release_number, line),
  constraint release_file_release_number_fkey FOREIGN KEY (release_number) REFERENCES release(number),
  constraint release_file_role_known CHECK ((role = ANY (ARRAY['application'::text, 'agent'::text]))),
  constraint release_file_sha256_fkey FOREIGN KEY (sha256) REFERENCES stored_file(sha256)
);
CREATE INDEX release_file_sha256 ON release_file USING btree (sha256);
CREATE TRIGGER release_file_never_changes BEFORE DELETE OR UPDATE ON release_file FOR EACH ROW EXECUTE FUNCTION refuse_change();

create table service_key (
  hash text not null,
  id text not null,
  product text not null,
  created_at timestamp with time zone not null,
  constraint service_key_pkey PRIMARY KEY (hash),
  constraint service_key_id_key UNIQUE (id),
  constraint service_key_product_fkey FOREIGN KEY (product) REFERENCES product(name)
);

create table service_order (
  id uuid not null,
  number bigint not null generated always as identity,
  product text not null,
  member_id uuid not null,
  kind text not null,
  state text not null,
  reason jsonb,
  request_hash text not null,
  lines jsonb not null,
  currency text not null,
  price_milli bigint not null,
  points_milli bigint not null,
  discount_milli bigint not null,
  charge_milli bigint not null,
  period text,
  hold_id uuid not null,
  confirmation text,
  release_due boolean not null default false,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  confirmed_at timestamp with time zone,
  ended_at timestamp with time zone,
  refunding_milli bigint not null default 0,
  refunding_discount_milli bigint not null default 0,
  refunded_milli bigint not null default 0,
  refunded_discount_milli bigint not null default 0,
  constraint service_order_pkey PRIMARY KEY (id),
  constraint service_order_adds_up CHECK ((charge_milli = (price_milli - discount_milli))),
  constraint service_order_hold_id_key UNIQUE (hold_id),
  constraint service_order_kind_known CHECK ((kind = ANY (ARRAY['purchase'::text, 'usage'::text]))),
  constraint service_order_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id),
  constraint service_order_not_negative CHECK (((price_milli >= 0) AND (points_milli >= 0) AND (discount_milli >= 0) AND (charge_milli >= 0))),
  constraint service_order_number_key UNIQUE (number),
  constraint service_order_points_confirmed CHECK (((state <> ALL (ARRAY['confirmed'::text, 'completed'::text])) OR (points_milli = 0) OR (confirmation IS NOT NULL))),
  constraint service_order_points_for_discount CHECK (((points_milli = 0) = (discount_milli = 0))),
  constraint service_order_product_fkey FOREIGN KEY (product) REFERENCES product(name),
  constraint service_order_refunded_discount_within CHECK (((0 <= refunded_discount_milli) AND (refunded_discount_milli <= refunding_discount_milli) AND (refunding_discount_milli <= discount_milli) AND ((refunding_milli - refunding_discount_milli) <= charge_milli))),
  constraint service_order_refunded_when_completed CHECK (((refunding_milli = 0) OR (state = 'completed'::text))),
  constraint service_order_refunded_within CHECK (((0 <= refunded_milli) AND (refunded_milli <= refunding_milli) AND (refunding_milli <= price_milli))),
  constraint service_order_state_known CHECK ((state = ANY (ARRAY['priced'::text, 'awaiting-confirmation'::text, 'confirmed'::text, 'completed'::text, 'cancelled'::text, 'expired'::text, 'refused'::text]))),
  constraint service_order_usage_period CHECK (((kind = 'usage'::text) = (period IS NOT NULL)))
);
CREATE UNIQUE INDEX service_order_billed_once ON service_order USING btree (product, period, member_id) WHERE (kind = 'usage'::text);
CREATE INDEX service_order_due ON service_order USING btree (next_attempt_at) WHERE ((state = ANY (ARRAY['priced'::text, 'awaiting-confirmation'::text, 'confirmed'::text])) OR release_due);
CREATE INDEX service_order_member ON service_order USING btree (member_id, number);

create table service_session (
  hash text not null,
  product text not null,
  member_id uuid not null,
  license_id uuid not null,
  expires_at timestamp with time zone not null,
  constraint service_session_pkey PRIMARY KEY (hash),
  constraint service_session_license_id_fkey FOREIGN KEY (license_id) REFERENCES license(id),
  constraint service_session_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id),
  constraint service_session_product_fkey FOREIGN KEY (product) REFERENCES product(name)
);
CREATE INDEX service_session_expiry ON service_session USING btree (expires_at);
CREATE INDEX service_session_license ON service_session USING btree (license_id);

create table stored_file (
  sha256 text not null,
  bytes bigint not null,
  stored_at timestamp with time zone not null,
  constraint stored_file_pkey PRIMARY KEY (sha256)
);

create table terminal (
  thumbprint text not null,
  member_id uuid not null,
  public_key jsonb not null,
  name text not null,
  added_at timestamp with time zone not null,
  constraint terminal_pkey PRIMARY KEY (thumbprint),
  constraint terminal_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id)
);
CREATE INDEX terminal_member ON terminal USING btree (member_id);

create table usage (
  product text not null,
  usage_id text not null,
  member_id uuid not null,
  period text not null,
  quantity bigint not null,
  description text not null,
  currency text not null,
  unit_milli bigint not null,
  used_at timestamp with time zone not null,
  constraint usage_pkey PRIMARY KEY (product, usage_id),
  constraint usage_member_id_fkey FOREIGN KEY (member_id) REFERENCES member(id),
  constraint usage_product_fkey FOREIGN KEY (product) REFERENCES product(name),
  constraint usage_quantity_positive CHECK ((quantity > 0))
);
CREATE INDEX usage_period ON usage USING btree (product, period, member_id);

create table usage_close (
  product text not null,
  period text not null,
  closed_at timestamp with time zone not null,
  constraint usage_close_pkey PRIMARY KEY (product, period),
  constraint usage_close_product_fkey FOREIGN KEY (product) REFERENCES product(name)
);

create table usage_price (
  product text not null,
  currency text not null,
  amount_milli bigint not null,
  description text not null,
  changed_at timestamp with time zone not null,
  constraint usage_price_pkey PRIMARY KEY (product),
  constraint usage_price_not_negative CHECK ((amount_milli >= 0)),
  constraint usage_price_product_fkey FOREIGN KEY (product) REFERENCES product(name)
);

create table used_request (
  id text not null,
  expires_at timestamp with time zone not null,
  constraint used_request_pkey PRIMARY KEY (id)
);
CREATE INDEX used_request_expiry ON used_request USING btree (expires_at);

create view own_event as
 SELECT 'contractor'::text AS counterparty,
        CASE
            WHEN c.kind = 'refund'::text THEN 'refund:'::text || c.id
            WHEN c.order_id IS NOT NULL THEN 'order:'::text || c.order_id
            WHEN c.month IS NULL THEN 'license-fee:'::text || c.registration_id
            ELSE (('license-month:'::text || c.registration_id) || ':'::text) || c.month
        END AS event,
    c.settled_at AS at,
        CASE c.kind
            WHEN 'license-fee'::text THEN 'license fee'::text
            ELSE c.kind
        END AS description,
    c.currency,
    c.amount_milli AS amount
   FROM claim c
  WHERE c.state = 'accrued'::text AND c.amount_milli <> 0
UNION ALL
 SELECT 'contractor'::text AS counterparty,
    'cancelled:'::text || g.event AS event,
    g.given_up_at AS at,
    'cancelled'::text AS description,
    g.currency,
    - g.amount_milli AS amount
   FROM given_up g
UNION ALL
 SELECT 'contractor'::text AS counterparty,
    t.event,
    t.booked_at AS at,
    'tax and rounding'::text AS description,
    t.currency,
    t.tax_milli + t.rounding_milli AS amount
   FROM claim_total t
  WHERE (t.tax_milli + t.rounding_milli) <> 0
UNION ALL
 SELECT 'contractor'::text AS counterparty,
    'payment:'::text || p.id AS event,
    p.booked_at AS at,
    'payment'::text AS description,
    p.currency,
    - p.amount_milli AS amount
   FROM contractor_payment p;

create view vendor_defect as
 SELECT 'claims-not-receivable'::text AS name,
    (((COALESCE(c.currency, b.commodity) || ': claims '::text) || COALESCE(c.amount, 0::numeric)) || ', receivable '::text) || COALESCE(b.amount, 0::numeric) AS detail
   FROM ( SELECT claim.currency,
            sum(claim.amount_milli) AS amount
           FROM claim
          WHERE claim.state = 'accrued'::text AND claim.kind <> 'refund'::text
          GROUP BY claim.currency) c
     FULL JOIN ( SELECT a.commodity,
            sum(p.amount) AS amount
           FROM ledger.posting p
             JOIN ledger.account a ON a.id = p.account_id
             JOIN ledger.command m ON m.id = p.journal_id
          WHERE a.code = 'receivable:contractor'::text AND p.amount > 0 AND m.event <> 'claim-total'::text
          GROUP BY a.commodity) b ON b.commodity = c.currency
  WHERE COALESCE(c.amount, 0::numeric) <> COALESCE(b.amount, 0::numeric)
UNION ALL
 SELECT 'orders-not-sales'::text AS name,
    (((COALESCE(o.currency, b.commodity) || ': orders '::text) || COALESCE(o.amount, 0::numeric)) || ', sales '::text) || COALESCE(b.amount, 0::numeric) AS detail
   FROM ( SELECT service_order.currency,
            sum(service_order.price_milli - service_order.refunded_milli) AS amount
           FROM service_order
          WHERE service_order.state = 'completed'::text
          GROUP BY service_order.currency
         HAVING sum(service_order.price_milli - service_order.refunded_milli) <> 0::numeric) o
     FULL JOIN ( SELECT a.commodity,
            - sum(p.amount) AS amount
           FROM ledger.posting p
             JOIN ledger.account a ON a.id = p.account_id
          WHERE a.code = 'revenue:sales'::text
          GROUP BY a.commodity
         HAVING sum(p.amount) <> 0::numeric) b ON b.commodity = o.currency
  WHERE COALESCE(o.amount, 0::numeric) <> COALESCE(b.amount, 0::numeric)
UNION ALL
 SELECT 'discount-not-claimed'::text AS name,
    o.id::text AS detail
   FROM service_order o
     LEFT JOIN claim c ON c.order_id = o.id AND c.kind = 'discount'::text
  WHERE o.state = 'completed'::text AND o.discount_milli <> COALESCE(c.amount_milli, 0::bigint)
UNION ALL
 SELECT 'claim-without-completion'::text AS name,
    c.id::text AS detail
   FROM claim c
     JOIN service_order o ON o.id = c.order_id
  WHERE o.state <> 'completed'::text
UNION ALL
 SELECT 'license-without-confirmation'::text AS name,
    l.id::text AS detail
   FROM license l
     JOIN registration r ON r.id = l.registration_id
  WHERE r.registered_at IS NULL
UNION ALL
 SELECT 'refunds-differ'::text AS name,
    (((((((o.id::text || ': refunded '::text) || o.refunded_milli) || ' of '::text) || o.refunding_milli) || ', refunds '::text) || COALESCE(r.done, 0::numeric)) || ' of '::text) || COALESCE(r.asked, 0::numeric) AS detail
   FROM service_order o
     LEFT JOIN ( SELECT order_refund.order_id,
            sum(order_refund.amount_milli) FILTER (WHERE order_refund.state = 'done'::text) AS done,
            sum(order_refund.amount_milli) FILTER (WHERE order_refund.state <> 'refused'::text) AS asked,
            sum(order_refund.discount_milli) FILTER (WHERE order_refund.state = 'done'::text) AS discount,
            sum(order_refund.discount_milli) FILTER (WHERE order_refund.state <> 'refused'::text) AS asked_discount
           FROM order_refund
          GROUP BY order_refund.order_id) r ON r.order_id = o.id
  WHERE o.refunded_milli::numeric <> COALESCE(r.done, 0::numeric) OR o.refunding_milli::numeric <> COALESCE(r.asked, 0::numeric) OR o.refunded_discount_milli::numeric <> COALESCE(r.discount, 0::numeric) OR o.refunding_discount_milli::numeric <> COALESCE(r.asked_discount, 0::numeric)
UNION ALL
 SELECT 'refund-not-claimed'::text AS name,
    (((((r.id::text || ': '::text) || r.state) || ' '::text) || r.discount_milli) || ', claimed '::text) || COALESCE(- c.amount_milli, 0::bigint) AS detail
   FROM order_refund r
     LEFT JOIN claim c ON c.id = r.id AND c.kind = 'refund'::text AND c.state = 'accrued'::text
  WHERE
        CASE r.state
            WHEN 'done'::text THEN r.discount_milli
            ELSE 0::bigint
        END <> COALESCE(- c.amount_milli, 0::bigint)
UNION ALL
 SELECT 'refunds-not-booked'::text AS name,
    (((COALESCE(r.currency, b.commodity) || ': refunds '::text) || COALESCE(r.discount, 0::numeric)) || ', booked '::text) || COALESCE(b.amount, 0::numeric) AS detail
   FROM ( SELECT o.currency,
            sum(r_1.discount_milli) AS discount
           FROM order_refund r_1
             JOIN service_order o ON o.id = r_1.order_id
          WHERE r_1.state = 'done'::text
          GROUP BY o.currency
         HAVING sum(r_1.discount_milli) <> 0::numeric) r
     FULL JOIN ( SELECT a.commodity,
            - sum(p.amount) AS amount
           FROM ledger.posting p
             JOIN ledger.account a ON a.id = p.account_id
             JOIN ledger.command m ON m.id = p.journal_id
          WHERE a.code = 'receivable:contractor'::text AND m.event = 'order-refunded'::text
          GROUP BY a.commodity) b ON b.commodity = r.currency
  WHERE COALESCE(r.discount, 0::numeric) <> COALESCE(b.amount, 0::numeric)
UNION ALL
 SELECT 'claim-totals-not-booked'::text AS name,
    (('totals '::text || t.amount) || ', booked '::text) || b.amount AS detail
   FROM ( SELECT COALESCE(sum(claim_total.tax_milli + claim_total.rounding_milli), 0::numeric) AS amount
           FROM claim_total) t
     CROSS JOIN ( SELECT COALESCE(sum(p.amount), 0::numeric) AS amount
           FROM ledger.posting p
             JOIN ledger.account a ON a.id = p.account_id
             JOIN ledger.command m ON m.id = p.journal_id
          WHERE a.code = 'receivable:contractor'::text AND m.event = 'claim-total'::text) b
  WHERE t.amount <> b.amount;

CREATE OR REPLACE FUNCTION refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'a row of % never changes', tg_table_name using errcode = 'integrity_constraint_violation';
end
$function$;

CREATE OR REPLACE FUNCTION require_confirmed_registration()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from registration where id = new.registration_id and registered_at is not null) then
    raise exception 'a license needs a registration that the dispatch server confirmed' using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end
$function$;
