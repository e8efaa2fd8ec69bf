import { ApiError } from '@taika/http/api-error';
import type { JobId, TerminalId } from '@taika/protocol/schema';
import { probationResults } from '@taika/trust/figures';
import type { DispatchContext } from '../context.ts';
import {
  countStandings,
  findTerminalStanding,
  findTrustJob,
  findUnitRun,
  readCosts,
  readFinality,
} from './cost-queries.ts';
import { listDecisions, type RecordedDecisionRow } from './decision-queries.ts';
import { describeEffect, describeEvent } from './describe-decision.ts';
import { wrongShareBound } from './error-bound.ts';
import { describeLimit } from './reference-limit.ts';
import { listReturned } from './return-queries.ts';

type Reading = Pick<DispatchContext, 'sql'>;

/** Why the result of a unit is believed or not. */
export async function explainUnit({ sql }: Reading, { jobId, unit }: { jobId: string; unit: number }) {
  const job = await findTrustJob(sql, jobId);
  if (job === undefined) {
    throw new ApiError('not-found', 'There is no job with this id.');
  }
  const decisions = await listDecisions(sql, { kind: 'unit', jobNumber: job.number, unit });
  const run = await findUnitRun(sql, { jobNumber: job.number, unit });
  return { sentence: standingOfUnit(job.isTrusted, run), decisions: decisions.map(toView) };
}

function standingOfUnit(isTrusted: boolean, run: Awaited<ReturnType<typeof findUnitRun>>): string {
  if (!isTrusted) {
    return 'The job has no trust level: its results are taken as they come, or by its copies.';
  }
  if (run === undefined) {
    return 'No result stands for this unit now: it is being computed, or waits to be.';
  }
  const by = `The result of terminal ${run.terminalId}`;
  if (run.state === 'final') {
    return run.awaits ? `${by} is final, and is being computed again.` : `${by} is final.`;
  }
  if (run.state === 'abandoned') {
    return `${by} is not needed any more: the job ended without a result.`;
  }
  return run.awaits
    ? `${by} waits for a second computation.`
    : `${by} is provisional: its terminal has passed ${run.passed ?? 0} of the ${run.finalAfter ?? '?'} audits, or the end of the job settles it.`;
}

/** Where a terminal stands, and the latest decisions about it. */
export async function explainTerminal({ sql }: Reading, terminalId: string) {
  const terminal = await findTerminalStanding(sql, terminalId);
  if (terminal === undefined) {
    throw new ApiError('not-found', 'There is no terminal with this id.');
  }
  const { number, standing, passed, drawn, probationPassed, revokeReason } = terminal;
  const decisions = await listDecisions(sql, {
    kind: 'terminal',
    terminalNumber: number,
    limit: decisionsMax,
  });
  const sentences = {
    probation: `On probation: ${probationPassed ?? 0} of ${probationResults} checked results were right.`,
    trusted: `Trusted: it passed ${passed ?? 0} audits.`,
    revoked: `Its right was taken: ${revokeReason ?? 'a wrong result'}.`,
  };
  return {
    standing: standing ?? ('probation' as const),
    sentence: sentences[standing ?? 'probation'],
    passed: passed ?? 0,
    drawn: drawn ?? 0,
    decisions: decisions.map(toView),
  };
}

/** Enough to see what led to where it stands. */
const decisionsMax = 100;

function toView(row: RecordedDecisionRow) {
  return {
    at: row.at,
    jobId: row.jobId as JobId,
    firstUnit: row.firstUnit,
    units: row.units,
    terminalId: row.terminalId as TerminalId,
    ...(row.partnerId === null ? {} : { partnerId: row.partnerId as TerminalId }),
    happened: describeEvent(row.event),
    done: row.effects.map(describeEffect),
    event: row.event,
    effects: row.effects.map((effect) => ({ ...effect })),
  };
}

/** Enough to see what is wrong; what is mended for one is mended for many. */
const returnedMax = 20;

/** What trust costs the contractor, and how wrong results may be. */
export async function readTrustCosts({ sql }: Reading) {
  const costs = await readCosts(sql);
  const finality = await readFinality(sql);
  const { jobs = 0, unitsFinal = 0n, checksDrawn = 0n, checksFailed = 0n } = costs ?? {};
  const wrongShareMax = wrongShareBound(Number(checksFailed), Number(checksDrawn));
  const executions = Number(
    (costs?.unitsDone ?? 0n) + (costs?.unitsChecked ?? 0n) + (costs?.unitsDropped ?? 0n),
  );
  return {
    jobs,
    finalUnits: unitsFinal,
    executionsPerFinalUnit: unitsFinal === 0n ? 0 : executions / Number(unitsFinal),
    referenceShare: executions === 0 ? 0 : Number(costs?.unitsByReference ?? 0n) / executions,
    ...(finality === undefined || finality.median === null || finality.p99 === null
      ? {}
      : { finalAfterSeconds: { median: finality.median, p99: finality.p99 } }),
    checksDrawn,
    checksFailed,
    wrongShareMax,
    finalWrongShareMax: wrongShareMax * (finality?.uncheckedShare ?? 1),
    terminals: await countStandings(sql),
    referenceCannot: (await listReturned(sql, returnedMax)).map(({ jobId, ...copy }) => ({
      jobId: jobId as JobId,
      ...copy,
      ...describeLimit(copy.cause),
    })),
  };
}
