import { misused } from '@taika/cli/read-amounts';
import { hasPhases } from '@taika/job/phases';
import { parseDuration } from '@taika/job/quantity';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';

/** How much of a job a quote computes: a few units, or all of it, within a time where one was said. */
export type QuotePlan =
  | { readonly kind: 'sample'; readonly samples: number }
  | { readonly kind: 'whole'; readonly atMost?: { readonly text: string; readonly ms: number } };

/** Enough for a narrow range where units are alike, few enough to take minutes where a unit takes one. */
const samplesDefault = 12;

/** Reads what the flags choose. Throws `CommandError` where they contradict one another. */
export function readQuotePlan({
  samples,
  whole = false,
  atMost,
}: {
  readonly samples?: number | undefined;
  readonly whole?: boolean | undefined;
  readonly atMost?: string | undefined;
}): QuotePlan {
  if (!whole) {
    if (atMost !== undefined) throw misused('--at-most bounds what --whole computes.', 'Add --whole.');
    return { kind: 'sample', samples: samples ?? samplesDefault };
  }
  if (samples !== undefined) {
    throw misused('--samples computes some units, and --whole all of them.', 'Leave one of them out.');
  }
  if (atMost === undefined) return { kind: 'whole' };
  const ms = parseDuration(atMost);
  if (ms === undefined || ms < 1 || ms > msMax) {
    throw misused(`${atMost} is no time from 1 ms to 24 h.`, 'Write it as 30s, 10m or 2h.');
  }
  return { kind: 'whole', atMost: { text: atMost, ms } };
}

const msMax = 24 * 3_600_000;

/** What is about to be computed here, said before it is; undefined where a few units of a plain job are. */
export function quotePlanText(
  plan: QuotePlan,
  spec: Pick<JobSpecText, 'merge' | 'laterStages' | 'rounds'>,
): string | undefined {
  if (plan.kind === 'whole') {
    const bound = plan.atMost === undefined ? '' : `, for ${plan.atMost.text} at most`;
    return `Computes the whole job here${bound}; nothing is submitted.`;
  }
  if (!hasPhases(spec)) return undefined;
  const follows = followsText(spec);
  return `Computes at most ${plan.samples} units here, the first ones twice where the job has more: all of the job where it has no more, else its first stages as far as they go. What follows (${follows}) reads all of the results before it; --whole computes all of the job, however long it is.`;
}

function followsText({
  merge,
  laterStages,
  rounds,
}: Pick<JobSpecText, 'merge' | 'laterStages' | 'rounds'>): string {
  return [
    ...(merge.by === 'program' ? ['the merge program, which is tried once for each level'] : []),
    ...(laterStages === undefined ? [] : ['further stages']),
    ...(rounds === undefined ? [] : ['further rounds']),
  ].join(', ');
}
