-- Why: one question for tests, operators and alerts: is anything in the books wrong? The view is empty at every instant.
-- It reads the whole book, so it is for tests, the nightly check and the operator, not for a request.
-- Lock: none.

create view ledger.defect as
select 'journal-not-zero' as rule, p.journal_id::text as subject, a.commodity || ' sums to ' || sum(p.amount) as detail
from ledger.posting p
join ledger.account a on a.id = p.account_id
group by p.journal_id, a.commodity
having sum(p.amount) <> 0

union all
select 'debits-not-credits', a.commodity, 'the trial balance is off by ' || sum(case a.side when 'D' then b.posted else -b.posted end)
from ledger.account a
join ledger.balance b on b.account_id = a.id
group by a.commodity
having sum(case a.side when 'D' then b.posted else -b.posted end) <> 0

union all
select 'journal-without-postings', j.id::text, 'a journal has at least two postings'
from ledger.journal j
where (select count(*) from ledger.posting p where p.journal_id = j.id) < 2

union all
select 'balance-not-fold', b.code || ' ' || b.commodity, 'cached ' || b.posted || ', postings say ' || coalesce(f.posted, 0)
from ledger.account_balance b
left join (
  select a.id, sum(case a.side when 'D' then p.amount else -p.amount end) as posted
  from ledger.posting p
  join ledger.account a on a.id = p.account_id
  group by a.id
) f on f.id = b.account_id
where b.posted <> coalesce(f.posted, 0)

union all
select 'held-not-fold', b.code || ' ' || b.commodity, 'cached ' || b.held || ', open holds say ' || coalesce(f.held, 0)
from ledger.account_balance b
left join (
  select p.account_id, sum(p.amount) as held
  from ledger.hold_part p
  where not exists (select from ledger.hold_resolution r where r.hold_id = p.hold_id)
  group by p.account_id
) f on f.account_id = b.account_id
where b.held <> coalesce(f.held, 0)

union all
select 'overdrawn', b.code || ' ' || b.commodity, 'posted ' || b.posted || ', held ' || b.held
from ledger.account_balance b
where b.bounded
  and b.available < 0

union all
select 'captured-beyond-hold', r.hold_id::text, a.code || ' gave ' || drawn.amount || ' of ' || p.amount || ' held'
from ledger.hold_resolution r
join ledger.hold_part p on p.hold_id = r.hold_id
join ledger.account a on a.id = p.account_id
join lateral (
  select sum(case a.side when 'D' then -q.amount else q.amount end) as amount
  from ledger.posting q
  where q.journal_id = r.command_id
    and q.account_id = p.account_id
) drawn on true
where drawn.amount > p.amount

union all
select 'capture-and-journal-disagree', r.hold_id::text, 'a hold that was ' || r.kind || case when j.id is null then ' has no journal' else ' has a journal' end
from ledger.hold_resolution r
left join ledger.journal j on j.id = r.command_id
where (r.kind = 'captured') <> (j.id is not null)

union all
select 'open-hold-queue', coalesce(h.id, o.hold_id)::text, 'the queue of open holds does not agree with the holds'
from (
  select id
  from ledger.hold
  where not exists (select from ledger.hold_resolution r where r.hold_id = hold.id)
) h
full join ledger.open_hold o on o.hold_id = h.id
where h.id is null
   or o.hold_id is null

union all
select 'command-without-one-effect', c.id::text, c.kind || ' ' || c.key || ' has ' || effect.kinds || ' effects'
from ledger.command c
join lateral (
  select (select count(*) from ledger.refusal r where r.command_id = c.id)
       + (select count(*) from ledger.journal j where j.id = c.id and c.kind = 'post')
       + (select count(*) from ledger.hold h where h.id = c.id and c.kind = 'hold')
       + (select count(*) from ledger.hold_resolution r where r.command_id = c.id and c.kind = 'resolve') as kinds
) effect on true
where effect.kinds <> 1

union all
select 'body-hash', c.id::text, 'the stored hash is not that of the stored body'
from ledger.command c
where c.body_hash <> sha256(convert_to(c.body, 'UTF8'))

union all
select 'numbers-not-gapless', s.issuer || ' ' || s.series || ' ' || s.year, 'last is ' || s.last || ', numbers are ' || n.numbers || ' up to ' || coalesce(n.last, 0)
from ledger.document_series s
join lateral (
  select count(*) as numbers, max(d.number) as last
  from ledger.document_number d
  where d.issuer = s.issuer
    and d.series = s.series
    and d.year = s.year
) n on true
where n.numbers <> s.last
   or n.last is distinct from s.last

union all
select 'provision-not-points', 'provision:points', 'provision ' || provision.worth || ', outstanding points ' || outstanding.points
from (
  select coalesce(sum(posted / 10::numeric ^ (scale - 3)), 0) as worth
  from ledger.account_balance
  where code = 'provision:points'
) provision
cross join (
  select coalesce(sum(posted), 0) as points
  from ledger.account_balance
  where code ^@ 'points:member:'
    and commodity = 'PTS'
) outstanding
where provision.worth <> outstanding.points

union all
select 'never-to-be-sealed', c.id::text, c.key || ' is neither in the chain nor in the queue for it'
from ledger.command c
where not exists (select from ledger.seal s where s.command_id = c.id)
  and not exists (select from ledger.unsealed u where u.command_id = c.id)

union all
select 'chain-broken', b.position::text, b.problem || ' (command ' || b.command_id || ')'
from ledger.broken_seal b;
