import type { SqlOrTransaction } from '@taika/database/connect';
import type { Decision } from '@taika/trust/decision';
import type { TrustEvent } from '@taika/trust/event';
import type { Pool } from '@taika/trust/state';
import { listDecisions, type RecordedDecisionRow, readPools } from './decision-queries.ts';
import { toPool } from './pool.ts';

/** A server's whole trace, as packages/trust/src/replay.ts makes it again: an inspector needs this and the secret. */
export interface RecordedDecisions {
  readonly decisions: readonly Decision[];
  poolOf(decision: Decision, at: number): Pool;
}

/** Reads every decision of a server, in the order in which they were made. */
export async function readRecordedDecisions(sql: SqlOrTransaction): Promise<RecordedDecisions> {
  const rows = await listDecisions(sql, { kind: 'all' });
  const pools = new Map(
    [...(await readPools(sql))].map(([version, terminals]) => [version, toPool(terminals)]),
  );
  return {
    decisions: rows.map(toDecision),
    poolOf(_decision, at) {
      const pool = pools.get(rows[at]?.poolVersion ?? 0n);
      if (pool === undefined) {
        throw new Error(`Decision ${at} names a pool that was not recorded.`);
      }
      return pool;
    },
  };
}

/** A row as decide() knows it. */
export function toDecision(row: RecordedDecisionRow): Decision {
  const { assignmentId, commitHash, occasion, state, event, effects } = row;
  return {
    subject: { assignment: assignmentId, commitHash, occasion },
    // Decisions that were recorded before it was looked at knew nobody.
    state: { ...state, formerMembers: state.formerMembers ?? [] },
    event: toEvent(event),
    effects,
  };
}

/** Fuel travels as text. */
function toEvent(event: RecordedDecisionRow['event']): TrustEvent {
  const { fuel, typicalFuel, ...rest } = event;
  return (event.kind === 'committed'
    ? {
        ...rest,
        fuel: BigInt(String(fuel)),
        typicalFuel: typicalFuel === null ? null : BigInt(String(typicalFuel)),
      }
    : event) as unknown as TrustEvent;
}
