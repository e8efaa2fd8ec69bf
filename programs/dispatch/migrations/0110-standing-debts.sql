-- Why: what a member owes for wrong results is settled before anything can be spent or expires. A member that owes and has
-- points that nobody holds is therefore a defect; one from before this was so is found here and settled by a loop.
-- Lock: none.

-- Members that owe points and have some. Empty at any time, but for what an earlier release left.
create view standing_debt as
select d.member, d.debt_milli, b.available_milli
from (
  select split_part(code, ':', 3) as member, posted as debt_milli
  from ledger.account_balance
  where code ^@ 'points:debt:'
    and posted > 0
) d
join (
  select split_part(code, ':', 3) as member, sum(available) as available_milli
  from ledger.account_balance
  where code ^@ 'points:member:'
    and available > 0
  group by 1
) b on b.member = d.member;
