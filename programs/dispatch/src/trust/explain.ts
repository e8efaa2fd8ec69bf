import { ApiError } from '@taika/http/api-error';
import type { JobId } from '@taika/protocol/schema';
import { probationResults } from '@taika/trust/figures';
import type { DispatchContext } from '../context.ts';
import { countStandings, findTerminalStanding, readCosts, readFinality } from './cost-queries.ts';
import { listDecisions } from './decision-queries.ts';
import { nameTerminals, toDecisionView } from './decision-view.ts';
import { revocationCauses } from './describe-decision.ts';
import { wrongShareBound } from './error-bound.ts';
import { describeLimit } from './reference-limit.ts';
import { listReturned } from './return-queries.ts';

type Reading = Pick<DispatchContext, 'sql'>;

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
  const nameOf = await nameTerminals(sql, decisions);
  const sentences = {
    probation: `On probation: ${probationPassed ?? 0} of ${probationResults} checked results were right.`,
    trusted: `Trusted: it passed ${passed ?? 0} audits.`,
    revoked: `Its right was taken for ${revocationText(revokeReason)}.`,
  };
  return {
    standing: standing ?? ('probation' as const),
    sentence: sentences[standing ?? 'probation'],
    passed: passed ?? 0,
    drawn: drawn ?? 0,
    decisions: decisions.map((row) => toDecisionView(row, nameOf)),
  };
}

/** Kept as `trust: CAUSE` where trust took it, else in the operator's words. */
function revocationText(reason: string | null): string {
  const cause = reason?.replace(/^trust: /, '') ?? 'wrong-result';
  return cause in revocationCauses ? revocationCauses[cause as keyof typeof revocationCauses] : cause;
}

/** Enough to see what led to where it stands. */
const decisionsMax = 100;

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
