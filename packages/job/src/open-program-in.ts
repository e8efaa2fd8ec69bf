import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { OpenSandbox, Sandbox } from '@taika/runner/sandbox';
import type { UnitOutcome } from '@taika/wasm/outcome';
import { type ProgramRunner, splitterRunMsMax } from './program-runner.ts';
import { unitLimitsOf } from './unit-limits.ts';

export interface ProgramRunnerOptions {
  readonly spec: JobSpecText;
  /** The program as the customer uploaded it: the job's own, or the one that splits. */
  readonly sha256: string;
  readonly round: number;
  /** What terminals would run. */
  readonly artefact: Uint8Array;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly signal?: AbortSignal | undefined;
}

/** Opens a program in a sandbox of the caller's, for what is computed before there are units. */
export async function openProgramIn(
  openSandbox: OpenSandbox,
  { spec, sha256, round, artefact, files, signal }: ProgramRunnerOptions,
): Promise<ProgramRunner> {
  const { seed, args, env } = spec;
  const limits = unitLimitsOf(spec);
  const sandbox = await openSandbox({
    artefact,
    limits: { ...limits, durationMsMax: Math.min(limits.durationMsMax, splitterRunMsMax) },
    parallel: 1,
    job: {
      programHash: sha256,
      seed: BigInt(seed ?? 0),
      round,
      unitCount: 1,
      // Words for the job's program are none for the one that splits.
      args: sha256 === spec.program ? (args ?? []) : [],
      env: env ?? {},
      files,
    },
  });
  return {
    async run(input) {
      for (let attempt = 1; ; attempt++) {
        const outcome = await runOnce(sandbox, input, signal);
        signal?.throwIfAborted();
        if (outcome.kind !== 'returned' || outcome.cause !== 'runner-lost' || attempt === attemptsMax) {
          return outcome;
        }
      }
    },
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

/** A runner that dies again and again dies of the program. */
const attemptsMax = 3;

async function runOnce(
  sandbox: Sandbox,
  input: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<UnitOutcome> {
  for await (const { outcome } of sandbox.run([{ index: 0, input }], signal)) {
    return outcome;
  }
  signal?.throwIfAborted();
  throw new Error('The sandbox ended a run without its outcome.');
}
