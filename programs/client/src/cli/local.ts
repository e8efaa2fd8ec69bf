import { availableParallelism } from 'node:os';
import { countText, fuelText } from '@taika/cli/amounts';
import { checkOutput, writeOutput } from '@taika/cli/output-file';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import { reason } from '@taika/protocol/reasons';
import type { LocalProgress } from '../local/local-run.ts';
import { runLocal } from '../local/run-local.ts';
import { chooseOutput, type OutputOptions } from './choose-output.ts';
import { phaseText } from './phase-text.ts';
import { type PreparedJobOptions, preparedJob } from './prepared-job.ts';
import { createProgressView } from './progress-bar.ts';

export interface LocalOptions extends OutputOptions, PreparedJobOptions {
  /** Units at a time; default: one a core. */
  readonly parallel?: number;
}

/** `taika local`: the same job on this machine, without servers, bit for bit what the grid gives. */
export async function local(jobFile: string, options: LocalOptions): Promise<void> {
  const output = chooseOutput(options, jobFile);
  await checkOutput(output);
  await using job = await preparedJob(jobFile, options, output);
  const progress = createProgressView({ quiet: options.quiet });
  let last: LocalProgress = { unitsDone: 0, unitsTotal: 0, fuel: 0n, phase: undefined, isCut: false };
  const merged = runLocal(job, {
    parallel: options.parallel ?? availableParallelism(),
    onProgress: (now) => {
      last = now;
      const { unitsDone: done, unitsTotal: total, fuel } = now;
      progress.show({ done, total, fuel, note: `${localPhaseText(job.spec, now)}on this machine` });
    },
  });
  const written = await writeOutput(merged, output).finally(() => progress.end());
  if (last.isCut) console.error(reason('rounds-cut').sentence);
  if (options.json) {
    const rounds = last.phase === undefined ? {} : { rounds: last.phase.round + 1 };
    const { unitsTotal: units, fuel } = last;
    console.log(JSON.stringify({ output, ...written, units, ...rounds, fuel: String(fuel) }));
  } else if (output !== '-') {
    console.error(
      `${output}: ${written.bytes} bytes from ${countText(last.unitsTotal, 'unit')}, ${fuelText(last.fuel)} fuel.`,
    );
  }
}

function localPhaseText(spec: JobSpecText, { phase }: LocalProgress): string {
  return phase === undefined
    ? ''
    : phaseText({
        kind: phase.kind,
        round: phase.round + 1,
        roundsMax: spec.rounds?.max ?? 1,
        stage: phase.stage + 1,
        stages: 1 + (spec.laterStages?.length ?? 0),
      });
}
