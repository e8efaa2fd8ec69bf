/** What the servers recorded of a cell's one job: every decision, the pools they drew from, and the answers. */
import type { Sql } from '@taika/database/connect';
import type { Decision } from '@taika/trust/decision';
import type { Effect } from '@taika/trust/effect';
import type { TrustEvent } from '@taika/trust/event';
import type { TraceStep } from '@taika/trust/simulate/follow-trace';
import { answers } from '@taika/trust/simulate/strategy';
import type { Candidate, Pool, TrustState } from '@taika/trust/state';
import { unpackRun } from '../../programs/dispatch/src/results/packed-run.ts';
import { compute, inputLine } from './program.ts';

export interface ServerTrace {
  readonly decisions: readonly Decision[];
  readonly steps: readonly TraceStep[];
  readonly secret: Uint8Array;
  readonly poolOf: (decision: Decision, at: number) => Pool;
  /** What stands for each unit at the end, by unit. */
  readonly runs: readonly StandingRun[];
  /** Every copy that a terminal handed in. */
  readonly copies: readonly TracedCopy[];
}

export interface TracedCopy {
  readonly unit: number;
  readonly points: string;
  readonly answer: number;
}

export interface StandingRun {
  readonly unit: number;
  readonly state: string;
  readonly points: string;
  readonly terminalId: string;
  /** In the simulator's words (strategy.ts). */
  readonly answer: number;
}

interface DecisionRow {
  readonly firstUnit: number;
  readonly assignmentId: bigint;
  readonly occasion: string;
  readonly poolVersion: bigint;
  readonly state: Omit<TrustState, 'pool'>;
  readonly event: TrustEvent & { readonly fuel?: string; readonly typicalFuel?: string | null };
  readonly effects: readonly Effect[];
}

/** Reads it all. Runs of these tests are one unit long, so a run's place is its unit. */
export async function readTrace(sql: Sql): Promise<ServerTrace> {
  const rows = await sql<DecisionRow[]>`
    select first_unit, assignment_id, occasion, pool_version, state, event, effects
    from trust_decision
    order by id
  `;
  const results = await sql<
    { assignmentId: bigint; firstUnit: number; units: number; outputs: Buffer; commitHash: Buffer }[]
  >`select assignment_id, first_unit, units, outputs, sha256(digests) as commit_hash from result`;
  const byAssignment = new Map(
    results.map((result) => [
      result.assignmentId,
      { commitHash: result.commitHash, answer: answerIn(result) },
    ]),
  );
  const audits = await sql<{ id: bigint; assignmentId: bigint; firstUnit: number; points: string }[]>`
    select id, assignment_id, first_unit, points from audit where assignment_id is not null
  `;
  const copies = new Map(
    audits.map(({ id, assignmentId }) => [String(id), byAssignment.get(assignmentId)?.answer]),
  );
  const pools = new Map(
    (await sql<{ version: bigint; terminals: number[][] }[]>`select version, terminals from trust_pool`).map(
      ({ version, terminals }) => [version, toPool(terminals)],
    ),
  );
  const [secret] = await sql<{ value: Buffer }[]>`select value from secret where name = 'trust'`;
  const decisions = rows.map(({ assignmentId, occasion, state, event, effects }): Decision => {
    const commitHash = byAssignment.get(assignmentId)?.commitHash;
    if (commitHash === undefined) throw new Error(`No result of assignment ${assignmentId} is there.`);
    return {
      subject: { assignment: assignmentId, commitHash, occasion },
      state,
      event: toEvent(event),
      effects,
    };
  });
  const steps = decisions.map(({ subject, ...decision }, at): TraceStep => {
    const [kind = '', audit = ''] = subject.occasion.split(':');
    const answer = kind === 'compared' ? copies.get(audit) : byAssignment.get(subject.assignment)?.answer;
    return { ...decision, unit: rows[at]?.firstUnit ?? 0, ...(answer === undefined ? {} : { answer }) };
  });
  const runs = await sql<{ firstUnit: number; state: string; points: string; id: string; at: bigint }[]>`
    select r.first_unit, r.state, r.points, t.id, r.assignment_id as at
    from trust_run r
    join terminal t on t.number = r.terminal_number
    order by r.first_unit
  `;
  return {
    decisions,
    steps,
    secret: secret?.value ?? Buffer.alloc(0),
    poolOf: (_decision, at) => pools.get(rows[at]?.poolVersion ?? 0n) ?? toPool([]),
    runs: runs.map(({ firstUnit, id, at, ...run }) => ({
      ...run,
      unit: firstUnit,
      terminalId: id,
      answer: byAssignment.get(at)?.answer ?? answers.own,
    })),
    copies: audits.flatMap(({ assignmentId, firstUnit, points }) => {
      const answer = byAssignment.get(assignmentId)?.answer;
      return answer === undefined ? [] : [{ unit: firstUnit, points, answer }];
    }),
  };
}

/** Fuel is the one number of an event that JSON cannot hold. */
function toEvent(event: DecisionRow['event']): TrustEvent {
  if (event.kind !== 'committed') return event;
  const { fuel, typicalFuel } = event;
  return {
    ...event,
    fuel: BigInt(fuel),
    typicalFuel: typicalFuel === null || typicalFuel === undefined ? null : BigInt(typicalFuel),
  };
}

/** What a result says of its one unit, in the simulator's words. */
function answerIn({
  firstUnit,
  units,
  outputs,
}: {
  readonly firstUnit: number;
  readonly units: number;
  readonly outputs: Buffer;
}): number {
  const [said] = unpackRun(outputs, units);
  const right = compute(inputLine(firstUnit));
  const output = Buffer.from(said?.output ?? '').toString();
  if (output.startsWith('what the ring says')) return answers.ring;
  if (output !== right.output) return answers.own;
  if (said?.fuel === right.fuel) return answers.right;
  return said?.fuel === 2 * right.fuel ? answers.fuel2 : answers.fuel10;
}

/** `[terminal, member, network, week]` each, in the order in which they were drawn from. */
function toPool(rows: readonly (readonly number[])[]): Pool {
  const candidates = rows.map(
    ([terminal = 0, member = 0, network = 0, week = 0]): Candidate => ({ terminal, member, network, week }),
  );
  return {
    trusted: candidates.length,
    at(index) {
      const candidate = candidates[index];
      if (candidate === undefined) throw new Error(`No terminal ${index} in the pool.`);
      return candidate;
    },
    inWeek: (week) => candidates.filter((candidate) => candidate.week === week).length,
  };
}
