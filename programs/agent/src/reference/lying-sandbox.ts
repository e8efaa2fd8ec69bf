import type { OpenSandbox, UnitRun } from '@taika/runner/sandbox';
import { lieAbout } from './lie.ts';

/**
 * A sandbox that computes truly, so that the fuel is right, and tells a known wrong output. What failed or was not
 * finished is told as it is: there is nothing to lie about.
 */
export function lyingSandbox(open: OpenSandbox): OpenSandbox {
  return async (options) => {
    const sandbox = await open(options);
    return {
      level: sandbox.level,
      async *run(units, signal) {
        for await (const run of sandbox.run(units, signal)) yield await altered(run);
      },
      renew: (job) => sandbox.renew(job),
      [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
    };
  };
}

async function altered(run: UnitRun): Promise<UnitRun> {
  const { outcome } = run;
  if (outcome.kind !== 'completed' || outcome.exitCode !== 0) return run;
  return { ...run, outcome: { ...outcome, output: await lieAbout(outcome.output) } };
}
