/** The SQL of holds; the other half of queries.ts. */
import type { Transaction } from '@taika/database/connect';
import type { Commodity } from './account.ts';
import { asArray, asJson } from './queries.ts';

export type HoldPartRow = Readonly<{ line: number; accountId: bigint; amount: bigint }>;

export function insertHold(
  tx: Transaction,
  { id, expiresAt, parts }: { id: bigint; expiresAt: Date | undefined; parts: readonly HoldPartRow[] },
): Promise<unknown> {
  const set = asJson(parts);
  return tx`
    with placed as (
      insert into ledger.hold (id, expires_at)
      values (${id}, ${expiresAt ?? null})
      returning id, expires_at
    ), queued as (
      insert into ledger.open_hold (hold_id, expires_at)
      select id, expires_at
      from placed
    )
    insert into ledger.hold_part (hold_id, line, account_id, amount)
    select placed.id, part.line, part."accountId", part.amount
    from placed
    cross join json_to_recordset(${set}::text::json) as part(line smallint, "accountId" bigint, amount bigint)`;
}

/** The right to resolve the hold; no row means that it is resolved already, or never was. */
export function lockOpenHold(
  tx: Transaction,
  holdId: bigint,
): Promise<readonly Readonly<{ expiresAt: Date | null }>[]> {
  return tx<{ expiresAt: Date | null }[]>`
    select expires_at
    from ledger.open_hold
    where hold_id = ${holdId}
    for update`;
}

/** Holds past their time, in the order of ids; those that somebody is resolving right now are passed over. */
export function lockExpiredHolds(
  tx: Transaction,
  { at, holdsMax }: { at: Date; holdsMax: number },
): Promise<readonly Readonly<{ holdId: bigint }>[]> {
  return tx<{ holdId: bigint }[]>`
    select hold_id
    from ledger.open_hold
    where expires_at <= ${at}
    order by hold_id
    limit ${holdsMax}
    for update skip locked`;
}

export function findHold(tx: Transaction, holdId: bigint): Promise<readonly Readonly<{ id: bigint }>[]> {
  return tx<{ id: bigint }[]>`
    select id
    from ledger.hold
    where id = ${holdId}`;
}

export function findHoldParts(
  tx: Transaction,
  holdIds: readonly bigint[],
): Promise<readonly Readonly<{ holdId: bigint; code: string; commodity: Commodity; amount: bigint }>[]> {
  return tx<{ holdId: bigint; code: string; commodity: Commodity; amount: bigint }[]>`
    select p.hold_id, a.code, a.commodity, p.amount
    from ledger.hold_part p
    join ledger.account a on a.id = p.account_id
    where p.hold_id = any (${asArray(holdIds)}::text::bigint[])
    order by p.hold_id, p.line`;
}

/** Resolves holds that were locked before; the trigger frees what they held. */
export function insertResolutions(
  tx: Transaction,
  rows: readonly Readonly<{ holdId: bigint; commandId: bigint; kind: 'captured' | 'released' | 'expired' }>[],
): Promise<unknown> {
  return tx`
    with resolved as (
      insert into ledger.hold_resolution (hold_id, command_id, kind)
      select "holdId", "commandId", kind
      from json_to_recordset(${asJson(rows)}::text::json) as r("holdId" bigint, "commandId" bigint, kind text)
      returning hold_id
    )
    delete from ledger.open_hold o
    using resolved
    where o.hold_id = resolved.hold_id`;
}
