import { openSandbox } from '@taika/runner/open-sandbox';
import { openProgramIn, type ProgramRunnerOptions } from './open-program-in.ts';
import type { ProgramRunner } from './program-runner.ts';

/** Opens a program in the terminals' own sandbox, a process without rights, for what is computed before there are units. */
export function openProgramRunner(options: ProgramRunnerOptions): Promise<ProgramRunner> {
  return openProgramIn(openSandbox, options);
}
