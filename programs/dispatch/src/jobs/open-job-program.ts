import { openProgramRunner } from '@taika/job/open-program-runner';
import type { OpenProgram } from '@taika/job/program-runner';
import { unitLimitsOf } from '@taika/job/unit-limits';
import type { Blobs } from '../blobs/blobs.ts';
import type { DispatchContext } from '../context.ts';
import { listArtefacts } from '../programs/queries.ts';
import type { JobRow } from './queries.ts';

/**
 * Opens a job's programs on this server, for splits that need them: in the runner, a process without rights, and never in
 * the server's own. What runs is what terminals would run: it was admitted when the job was submitted.
 */
export function createOpenProgram(
  { sql }: Pick<DispatchContext, 'sql'>,
  blobs: Blobs,
  { spec, round }: JobRow,
  signal: AbortSignal,
): OpenProgram {
  const whole = (sha256: string, bytes: number): Promise<Uint8Array> =>
    bytes === 0 ? Promise.resolve(new Uint8Array(0)) : blobs.read(sha256, { offset: 0, length: bytes });
  return async (sha256) => {
    const { memoryPagesMax: memoryPages } = unitLimitsOf(spec);
    const forms = await listArtefacts(sql, { program: sha256, memoryPages });
    // All forms count the same fuel; a program without a reachable NaN has one. The first by name is `fast`.
    const form = forms.find(({ kind }) => kind === spec.artefact) ?? forms[0];
    if (form === undefined) {
      throw new Error(`The program ${sha256} was not admitted for ${memoryPages} pages of memory.`);
    }
    const artefact = await whole(form.sha256, Number(form.bytes));
    const files = new Map<string, Uint8Array>();
    for (const file of spec.files ?? []) {
      files.set(file.name, await whole(file.sha256, file.bytes));
    }
    return openProgramRunner({ spec, sha256, round, artefact, files, signal });
  };
}
