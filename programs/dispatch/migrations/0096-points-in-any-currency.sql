-- Why: two checks took a thousandth of a point for a thousandth of the smallest coin, which is so only in currencies without decimals:
-- in any other each capture and refund was called a defect.
-- Lock: access exclusive on the view for an instant.

-- What points are worth in a currency, at the scale of its accounts: one unit of the currency for each point.
create function points_worth(points_milli bigint, wanted text) returns numeric
language sql stable as $$
  select points_milli * power(10::numeric, max(scale) - 3)
  from ledger.account
  where commodity = wanted
$$;

-- As before, but for these two checks.
create or replace view money_defect as
select 'invoice-not-receivable' as name,
       'customer ' || coalesce(i.customer_number::text, b.code) || ': invoiced ' || coalesce(i.total, 0)
         || ', booked ' || coalesce(b.posted, 0) as detail
from (
  select customer_number, 'receivable:customer:' || customer_number as code, sum(total_milli) as total
  from invoice
  group by customer_number
) i
full join (
  select a.code, sum(p.amount) as posted
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  join ledger.command c on c.id = p.journal_id
  where a.code ^@ 'receivable:customer:'
    and c.event = 'job-invoiced'
    and p.amount > 0
  group by a.code
) b on b.code = i.code
where coalesce(i.total, 0) <> coalesce(b.posted, 0)

union all
select 'claims-not-payable',
       'vendor ' || coalesce(c.vendor_number::text, b.vendor) || ': claimed ' || coalesce(c.total, 0)
         || ', booked ' || coalesce(b.posted, 0)
from (
  select vendor_number, sum(amount_milli) as total
  from claim
  where state = 'accrued'
  group by vendor_number
) c
full join (
  select split_part(a.code, ':', 3) as vendor, -sum(p.amount) as posted
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  join ledger.command m on m.id = p.journal_id
  where a.code ~ '^(payable|receivable):vendor:[^:]+:accrued$'
    and m.event in ('license-fee', 'points-captured', 'points-refunded')
  group by 1
) b on b.vendor = c.vendor_number::text
where coalesce(c.total, 0) <> coalesce(b.posted, 0)

union all
select 'capture-without-claim', 'hold ' || h.id || ' captured ' || h.captured_milli || ', claimed ' || coalesce(c.amount_milli, 0)
from points_hold h
left join claim c
  on c.vendor_number = h.vendor_number
  and c.order_id = h.order_id
  and c.kind = 'discount'
where h.state = 'captured'
  and (c.amount_milli is null or points_worth(h.captured_milli, c.currency) is distinct from c.amount_milli)

union all
select 'hold-state-differs', 'hold ' || h.id || ' is ' || h.state || ', in the books ' || coalesce(r.kind, 'held')
from points_hold h
left join ledger.hold_resolution r on r.hold_id = h.ledger_hold_id
where h.state <> coalesce(r.kind, 'held')

union all
select 'refunds-differ',
       'hold ' || h.id || ': refunded ' || h.refunded_milli || ', refunds ' || coalesce(r.points, 0) || ', claimed '
         || coalesce(r.claimed, 0)
from points_hold h
left join (
  select r.hold_id, sum(r.points_milli) as points, sum(-c.amount_milli) as claimed
  from points_refund r
  left join claim c on c.id = r.id and c.kind = 'refund'
  group by r.hold_id
) r on r.hold_id = h.id
left join claim d
  on d.vendor_number = h.vendor_number
  and d.order_id = h.order_id
  and d.kind = 'discount'
where h.refunded_milli <> coalesce(r.points, 0)
   or (h.refunded_milli <> 0 or r.claimed is not null)
     and points_worth(h.refunded_milli, d.currency) is distinct from coalesce(r.claimed, 0)

union all
select 'claim-without-refund', 'claim ' || c.id
from claim c
where c.kind = 'refund'
  and not exists (select from points_refund r where r.id = c.id);
