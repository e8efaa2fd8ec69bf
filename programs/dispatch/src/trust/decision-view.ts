import type { Sql } from '@taika/database/connect';
import type { Sendable } from '@taika/http/check-reply';
import type { DecisionViewText } from '@taika/protocol/dispatch/trust';
import type { JobId, TerminalId } from '@taika/protocol/schema';
import type { Effect } from '@taika/trust/effect';
import type { RecordedDecisionRow } from './decision-queries.ts';
import { describeEffects, describeEvent, type NameOf } from './describe-decision.ts';
import { listTerminalIds } from './explain-queries.ts';

/** A decision in words, with what was recorded. */
export function toDecisionView(row: RecordedDecisionRow, nameOf: NameOf): Sendable<DecisionViewText> {
  return {
    at: row.at,
    jobId: row.jobId as JobId,
    firstUnit: row.firstUnit,
    units: row.units,
    terminalId: row.terminalId as TerminalId,
    ...(row.partnerId === null ? {} : { partnerId: row.partnerId as TerminalId }),
    happened: describeEvent(row),
    done: describeEffects(row, nameOf),
    ...(row.differing === null ? {} : { differing: [...row.differing] }),
    event: row.event,
    effects: row.effects.map((effect) => toEffectView(effect, nameOf)),
  };
}

/** The names of all terminals that the decisions name. */
export async function nameTerminals(sql: Sql, rows: readonly RecordedDecisionRow[]): Promise<NameOf> {
  const numbers = new Set(rows.flatMap(({ effects }) => effects.flatMap(terminalsIn)));
  const ids = await listTerminalIds(sql, numbers);
  return (number) => ids.get(number) ?? String(number);
}

/** Numbers of terminals and members mean nothing outside the database. */
function toEffectView(effect: Effect, nameOf: NameOf): Record<string, unknown> {
  const { member: _, ...told } = { member: 0, ...effect };
  return {
    ...told,
    ...('terminal' in effect ? { terminal: nameOf(effect.terminal) } : {}),
    ...('by' in effect && effect.by.kind === 'terminal'
      ? { by: { ...effect.by, terminal: nameOf(effect.by.terminal) } }
      : {}),
  };
}

function terminalsIn(effect: Effect): number[] {
  const by = 'by' in effect && effect.by.kind === 'terminal' ? [effect.by.terminal] : [];
  return 'terminal' in effect ? [effect.terminal, ...by] : by;
}
