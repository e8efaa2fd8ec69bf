-- Why: each trust level has its own price. The rate card has a factor for each, and an invoice's line says as what its job
-- was priced, so that it can be worked out again from the document.
-- Lock: access exclusive on rate_card and invoice_line for an instant (columns without a default, or with a constant one).

-- In thousandths of the price. Null, on cards from before: one price for all levels, and for copies.
alter table rate_card
  add column level_factors jsonb,
  add constraint rate_card_level_factors check (
    level_factors is null
    or level_factors ?& array['plain', 'economy', 'standard', 'high', 'strict']
  );

-- Null on lines from before, whose factor was 1.
alter table invoice_line
  add column level text,
  add column factor_thousandths int not null default 1000,
  add constraint invoice_line_level_known
    check (level in ('plain', 'economy', 'standard', 'high', 'strict', 'copies')),
  add constraint invoice_line_factor_positive check (factor_thousandths > 0);

-- What a line charges, and what it does not because of the job's bound, is the fuel's worth by its rate card and factor;
-- and the factor is the card's for the level that the job was accepted with. Empty at any instant.
create view price_defect as
select 'line-not-by-rate' as name,
       'invoice ' || i.document_number || ': ' || l.amount_milli + l.beyond_limit_milli || ', by its rate ' || w.worth as detail
from invoice_line l
join invoice i on i.number = l.invoice_number
join rate_card r on r.version = l.rate_version
cross join lateral (
  select div(2 * l.fuel * r.price_milli * l.factor_thousandths + r.per_fuel::numeric * 1000, r.per_fuel::numeric * 2000) as worth
) w
where l.amount_milli + l.beyond_limit_milli <> w.worth

union all
select 'line-not-of-its-level', 'invoice ' || i.document_number || ': ' || l.level || ' at ' || l.factor_thousandths
from invoice_line l
join invoice i on i.number = l.invoice_number
join rate_card r on r.version = l.rate_version
join job j on j.number = l.job_number
where l.level is not null
  and (
    l.level <> case
      when (j.spec ->> 'copies')::int > 1 then 'copies'
      else coalesce(j.spec ->> 'trust', 'plain')
    end
    or l.factor_thousandths <> case
      when r.level_factors is null then 1000
      when l.level = 'copies' then (r.level_factors ->> 'plain')::int * (j.spec ->> 'copies')::int
      else (r.level_factors ->> l.level)::int
    end
  );
