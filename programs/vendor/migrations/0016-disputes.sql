-- Why: what this vendor's operator disputes, and what it gave up after a dispute.
-- Lock: none on existing tables.

create table dispute (
  event text collate "C" primary key,
  reason text not null,
  noted_at timestamptz not null,
  constraint dispute_reason_length check (char_length(reason) between 1 and 500)
);

-- A license fee that is not owed after all, as the contractor's document says.
create table given_up (
  event text collate "C" primary key,
  currency text not null,
  amount_milli bigint not null,
  given_up_at timestamptz not null,
  constraint given_up_positive check (amount_milli > 0)
);

create or replace view own_event as
select 'contractor'::text as counterparty,
       case
         when c.order_id is not null then 'order:' || c.order_id
         when c.month is null then 'license-fee:' || c.registration_id
         else 'license-month:' || c.registration_id || ':' || c.month
       end as event,
       c.settled_at as at,
       case c.kind when 'discount' then 'discount' else 'license fee' end as description,
       c.currency,
       c.amount_milli as amount
from claim c
where c.state = 'accrued'
  and c.amount_milli <> 0
union all
select 'contractor'::text, 'cancelled:' || g.event, g.given_up_at, 'cancelled', g.currency, -g.amount_milli
from given_up g;
