import { numericToBigint, type Sql, type SqlOrTransaction, type Transaction } from '@taika/database/connect';
import { inTransaction, sqlState } from '@taika/database/transaction';
import type { EntryKind, Gain, PointsUse } from './earnings.ts';

/**
 * The largest id up to which all entries are visible; undefined when writers were too busy to be asked.
 *
 * Ids are taken before a transaction commits, so the largest id seen says nothing: a smaller one may still appear.
 * A share lock waits for those who are writing and keeps new ones out while the largest id is read; every id up to it
 * then belongs to a transaction that has ended. It is held for one query.
 */
export async function findSettledEntry(sql: Sql): Promise<bigint | undefined> {
  try {
    return await inTransaction(sql, async (tx) => {
      await tx`set local lock_timeout = '200ms'`;
      await tx`lock table points_entry in share mode`;
      const [row] = await tx<{ last: bigint }[]>`
        select coalesce(max(id), 0) as last
        from points_entry
      `;
      return row?.last;
    });
  } catch (error) {
    if (sqlState(error) === lockNotAvailable) {
      return undefined;
    }
    throw error;
  }
}

const lockNotAvailable = '55P03';

/** Takes the right to journal until the transaction ends; gives the last entry that was journalled. */
export async function lockPosition(tx: Transaction): Promise<bigint> {
  const [row] = await tx<{ lastEntry: bigint }[]>`
    select last_entry
    from points_position
    for update
  `;
  if (row === undefined) {
    throw new Error('The position of the points journal is missing.');
  }
  return row.lastEntry;
}

/** Says that entries up to this one are journalled. */
export async function movePosition(tx: Transaction, lastEntry: bigint): Promise<void> {
  await tx`
    update points_position
    set last_entry = ${lastEntry}
  `;
}

/** Entries after `after` up to `last`. */
export interface EntryRange {
  readonly after: bigint;
  readonly last: bigint;
}

/** Adds a range of entries to the work of their terminals, by day. */
export async function addTerminalWork(tx: Transaction, { after, last }: EntryRange): Promise<void> {
  await tx`
    insert into terminal_work (terminal_number, day, rate_version, kind, use, fuel, units)
    select terminal_number, (at at time zone 'UTC')::date, rate_version, kind, use, sum(fuel), sum(units)
    from points_entries(${after}, ${last})
    group by terminal_number, (at at time zone 'UTC')::date, rate_version, kind, use
    order by 1, 2, 3, 4, 5
    on conflict (terminal_number, day, rate_version, kind, use) do update
    set fuel = terminal_work.fuel + excluded.fuel,
        units = terminal_work.units + excluded.units
  `;
}

/** A member's gain of one kind at one rate. */
export interface MemberGain extends Gain {
  readonly memberNumber: bigint;
}

/** Adds a range of entries to the tallies of their members; gives what each gained and had before. */
export async function addTallies(tx: Transaction, { after, last }: EntryRange): Promise<MemberGain[]> {
  const rows = await tx<GainRow[]>`
    with gained as (
      select member_number, rate_version, kind, points_tally_use(kind, use) as use, sum(fuel) as fuel
      from points_entries(${after}, ${last})
      group by member_number, rate_version, kind, points_tally_use(kind, use)
    ),
    counted as (
      insert into points_tally (member_number, rate_version, kind, use, fuel)
      select member_number, rate_version, kind, use, fuel
      from gained
      order by member_number, rate_version, kind, use
      on conflict (member_number, rate_version, kind, use) do update
      set fuel = points_tally.fuel + excluded.fuel
      returning member_number, rate_version, kind, use, fuel
    )
    select g.member_number, g.kind, g.use, c.fuel - g.fuel as before, g.fuel as added, r.per_fuel, r.points_milli
    from gained g
    join counted c using (member_number, rate_version, kind, use)
    join rate_card r on r.version = g.rate_version
    order by g.member_number
  `;
  return rows.map(toMemberGain);
}

/** What a member gained by entries that are not journalled yet, on top of what is. */
export async function readTail(sql: SqlOrTransaction, memberNumber: bigint): Promise<Gain[]> {
  const rows = await sql<GainRow[]>`
    select g.member_number, g.kind, g.use, coalesce(t.fuel, 0) as before, g.fuel as added, r.per_fuel, r.points_milli
    from (
      select e.member_number, j.rate_version, e.kind, points_tally_use(e.kind, points_use(e.terminal_number, e.at)) as use,
             sum(e.fuel) as fuel
      from points_entry e
      join job j on j.number = e.job_number
      where e.id > (select last_entry from points_position)
        and e.member_number = ${memberNumber}
      group by 1, 2, 3, 4
    ) g
    join rate_card r on r.version = g.rate_version
    left join points_tally t
      on t.member_number = g.member_number
      and t.rate_version = g.rate_version
      and t.kind = g.kind
      and t.use = g.use
  `;
  return rows.map(toMemberGain);
}

/** Members that owe points and have some that nobody holds. */
export async function listStandingDebts(sql: SqlOrTransaction, limit: number): Promise<readonly string[]> {
  const rows = await sql<{ member: string }[]>`
    select member
    from standing_debt
    limit ${limit}
  `;
  return rows.map(({ member }) => member);
}

/** Points that a member has spent, in thousandths. */
export async function readSpent(sql: SqlOrTransaction, memberNumber: bigint): Promise<bigint> {
  const [row] = await sql<{ spent: string }[]>`
    select coalesce(sum(captured_milli - refunded_milli), 0) as spent
    from points_hold
    where member_number = ${memberNumber}
      and state = 'captured'
  `;
  return numericToBigint(row?.spent ?? '0');
}

/** Points of a member that one vendor's orders hold and have spent, in thousandths. */
export async function readOrdersOfVendor(
  sql: SqlOrTransaction,
  { memberNumber, vendorNumber }: { readonly memberNumber: bigint; readonly vendorNumber: bigint },
): Promise<{ readonly heldMilli: bigint; readonly spentMilli: bigint }> {
  const [row] = await sql<{ held: string; spent: string }[]>`
    select coalesce(sum(points_milli) filter (where state = 'held'), 0) as held,
           coalesce(sum(captured_milli - refunded_milli) filter (where state = 'captured'), 0) as spent
    from points_hold
    where member_number = ${memberNumber}
      and vendor_number = ${vendorNumber}
  `;
  return { heldMilli: numericToBigint(row?.held ?? '0'), spentMilli: numericToBigint(row?.spent ?? '0') };
}

interface GainRow {
  readonly memberNumber: bigint;
  readonly kind: EntryKind;
  readonly use: PointsUse;
  readonly before: string;
  readonly added: string;
  readonly perFuel: bigint;
  readonly pointsMilli: bigint;
}

function toMemberGain({ memberNumber, kind, use, before, added, perFuel, pointsMilli }: GainRow): MemberGain {
  return {
    memberNumber,
    kind,
    use,
    before: numericToBigint(before),
    added: numericToBigint(added),
    rate: { perFuel, pointsMilli },
  };
}
