import type { JobViewText } from '@taika/protocol/dispatch/jobs';

/** Where a job with stages or rounds is, before what else is said of it: "round 3 of 20, stage 1 of 2: "; "" for another job. */
export function phaseText(phase: JobViewText['phase']): string {
  if (phase === undefined) return '';
  const { kind, round, roundsMax, stage, stages } = phase;
  const words = [
    ...(roundsMax > 1 || kind === 'next' ? [`round ${round} of at most ${roundsMax}`] : []),
    ...(kind === 'next' ? ['deciding on another'] : stages > 1 ? [`stage ${stage} of ${stages}`] : []),
    ...(kind === 'merge' ? ['merging by program'] : []),
  ];
  return words.length === 0 ? '' : `${words.join(', ')}: `;
}
