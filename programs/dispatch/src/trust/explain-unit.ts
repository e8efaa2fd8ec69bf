import { ApiError } from '@taika/http/api-error';
import type { DispatchContext } from '../context.ts';
import { findTrustJob } from './cost-queries.ts';
import { listDecisions } from './decision-queries.ts';
import { nameTerminals, toDecisionView } from './decision-view.ts';
import {
  findHolder,
  findUnitRun,
  listCorrections,
  listDropped,
  listReturns,
  type UnitRun,
} from './explain-queries.ts';
import { unitLife } from './unit-life.ts';

/** Why the result of a unit is believed or not: its whole life, and where it stands. Throws `not-found` for a job that is none. */
export async function explainUnit(
  { sql }: Pick<DispatchContext, 'sql'>,
  { jobId, unit }: { readonly jobId: string; readonly unit: number },
) {
  const job = await findTrustJob(sql, jobId);
  if (job === undefined) {
    throw new ApiError('not-found', 'There is no job with this id.');
  }
  const which = { jobNumber: job.number, unit };
  const [decisions, run, dropped, returns, corrections] = await Promise.all([
    listDecisions(sql, { kind: 'unit', ...which }),
    findUnitRun(sql, which),
    listDropped(sql, which),
    listReturns(sql, which),
    listCorrections(sql, job.number),
  ]);
  const terminalNumbers = [...new Set([...decisions, ...dropped].map((row) => row.terminalNumber))];
  const revocations = await listDecisions(sql, { kind: 'revocations', terminalNumbers });
  const finals =
    run === undefined || run.finalAt === null
      ? []
      : await listDecisions(sql, { kind: 'finals', terminalNumbers, at: run.finalAt });
  const nameOf = await nameTerminals(sql, [...decisions, ...revocations, ...finals]);
  const life = unitLife(
    { jobNumber: job.number, decisions, revocations, finals, dropped, returns, corrections, run },
    nameOf,
  );
  const holder = run === undefined ? await findHolder(sql, which) : undefined;
  return {
    sentence: job.isTrusted ? standingOf(run, holder?.terminalId, job) : withoutLevel,
    life: life.map(({ decision, done, ...step }) => ({
      ...step,
      done: [...done],
      ...(decision === undefined ? {} : { decision: toDecisionView(decision, nameOf) }),
    })),
  };
}

const withoutLevel = 'The job has no trust level: its results are taken as they come, or by its copies.';

/** Where it stands now, in one sentence. */
function standingOf(
  run: UnitRun | undefined,
  holderId: string | undefined,
  { isLost }: { readonly isLost: boolean },
): string {
  if (run === undefined) {
    if (isLost) {
      return 'No result stands for this unit, and nobody computes it: the job ended without a result.';
    }
    return holderId === undefined
      ? 'No result stands for this unit now: it waits to be handed out.'
      : `No result stands for this unit now: it is out at terminal ${holderId}.`;
  }
  const by = run.isReference
    ? 'The result of the reference executor'
    : `The result of terminal ${run.terminalId}`;
  const copy = `${run.auditState === 'wanted' ? 'to be computed again' : 'being computed again'} by ${
    run.auditorId === null ? 'the reference executor' : `terminal ${run.auditorId}`
  }`;
  const returned =
    (run.auditReturns ?? 0) === 0 ? '' : `, which could not ${run.auditReturns} times (${run.returnCause})`;
  switch (run.state) {
    case 'final':
      return run.awaits ? `${by} is final, and is ${copy}${returned}.` : `${by} is final.`;
    case 'abandoned':
      return `${by} is not needed any more: the job ended without a result.`;
    case 'committed':
      return `${by} is in, and nothing was decided about it yet.`;
    case 'open':
      return run.awaits
        ? `${by} is provisional: it is ${copy}${returned}.`
        : `${by} is provisional: its terminal has passed ${run.passed ?? 0} of the ${run.finalAfter ?? '?'} audits, or the end of the job settles it.`;
  }
}
