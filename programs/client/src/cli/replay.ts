import { writeFile } from 'node:fs/promises';
import { fuelText } from '@taika/cli/amounts';
import { CommandError } from '@taika/cli/command-error';
import { writeOutput } from '@taika/cli/output-file';
import { visibleText } from '@taika/cli/visible-text';
import { sha256HexSync } from '@taika/crypto/node-digest';
import type { UnitReplayText } from '@taika/protocol/dispatch/units';
import { admitProgram } from '@taika/wasm/admit';
import { rewriteProgram } from '@taika/wasm/rewrite';
import { UnitFailed } from '../local/unit-failed.ts';
import { buildProgram } from '../program/build-program.ts';
import { fetchUnit, type MendedProgram, replayUnit } from '../replay/replay-unit.ts';
import type { JobHandle } from '../sdk/job-handle.ts';
import { connect } from './connect.ts';
import { jobIdOf } from './job-id.ts';

export interface ReplayOptions {
  /** A program to run in place of the job's: one that was mended. */
  readonly program?: string;
  /** Where the unit's exact input is written. */
  readonly saveInput?: string;
  readonly output?: string;
  readonly json: boolean;
}

/**
 * `taika replay JOB [UNIT]`: computes one unit of a job here, with the program, files and exact input that terminals
 * were given; without a unit the first that failed. Throws `UnitFailed` where it fails here too.
 */
export async function replay(jobId: string, unit: number | undefined, options: ReplayOptions): Promise<void> {
  const handle = (await connect()).job(jobIdOf(jobId));
  const fetched = await fetchUnit(await handle.unit(unit ?? (await firstFailed(handle))));
  if (options.saveInput !== undefined) await writeFile(options.saveInput, fetched.input);
  const mended = options.program === undefined ? undefined : await mend(options.program, fetched.replay);
  const outcome = await replayUnit(fetched, mended);
  const { unit: index } = fetched.replay;
  if (outcome.kind !== 'completed' || outcome.exitCode !== 0) throw new UnitFailed(index, outcome);
  process.stderr.write(visibleText(new TextDecoder().decode(outcome.stderr)));
  const output = options.output ?? '-';
  if (!options.json || output !== '-') await writeOutput(once(outcome.output), output);
  const told = { unit: index, inputBytes: fetched.input.length, outputBytes: outcome.output.length };
  if (options.json) console.log(JSON.stringify({ ...told, fuel: String(outcome.fuel), exitCode: 0 }));
  else
    console.error(
      `Unit ${index} came to its end here: ${told.inputBytes} bytes in, ${told.outputBytes} bytes out, ${fuelText(outcome.fuel)} fuel.`,
    );
}

async function firstFailed(handle: JobHandle): Promise<number> {
  const [first] = await handle.failures();
  if (first !== undefined) return first.unit;
  // That of an output which could not be merged: it did not fail, and what it prints is of interest.
  const ended = (await handle.view()).failure;
  if (ended !== undefined) return ended.unit;
  throw new CommandError('No unit of this job failed.', {
    code: 'usage',
    remedy: `Name the unit to compute: taika replay ${handle.id} 0`,
  });
}

async function mend(path: string, { job }: UnitReplayText): Promise<MendedProgram> {
  const program = await buildProgram(path);
  const { bytes } = rewriteProgram(admitProgram(program), {
    artefact: job.artefact.kind,
    memoryPagesMax: job.limits.memoryPagesMax,
  });
  return { artefact: bytes, programHash: sha256HexSync(program) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
