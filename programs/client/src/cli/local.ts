import { availableParallelism } from 'node:os';
import { fuelText } from '@taika/cli/amounts';
import { prepareJob } from '../job/prepare-job.ts';
import { type LocalProgress, runLocal } from '../local/run-local.ts';
import { chooseOutput, type OutputOptions } from './choose-output.ts';
import { checkOutput, writeOutput } from './output-file.ts';
import { createProgressView } from './progress-bar.ts';

export interface LocalOptions extends OutputOptions {
  readonly input?: string;
  /** Units at a time; default: one a core. */
  readonly parallel?: number;
}

/** `taika local`: the same job on this machine, without servers, bit for bit what the grid gives. */
export async function local(jobFile: string, options: LocalOptions): Promise<void> {
  const output = chooseOutput(options, jobFile);
  await checkOutput(output);
  await using job = await prepareJob(jobFile, {
    ...(process.stdin.isTTY ? {} : { stdin: process.stdin }),
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  const progress = createProgressView({ quiet: options.quiet });
  let last: LocalProgress = { unitsDone: 0, unitsTotal: 0, fuel: 0n };
  const merged = runLocal(job, {
    parallel: options.parallel ?? availableParallelism(),
    onProgress: (now) => {
      last = now;
      progress.show({ done: now.unitsDone, total: now.unitsTotal, fuel: now.fuel, note: 'on this machine' });
    },
  });
  const written = await writeOutput(merged, output).finally(() => progress.end());
  if (options.json) {
    console.log(JSON.stringify({ output, ...written, units: last.unitsTotal, fuel: String(last.fuel) }));
  } else if (output !== '-') {
    console.error(
      `${output}: ${written.bytes} bytes from ${last.unitsTotal} units, ${fuelText(last.fuel)} fuel.`,
    );
  }
}
