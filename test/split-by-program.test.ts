/** Splits that run a customer's program on the server: one that never ends holds up nobody, and ends when it is cancelled. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildProgram } from '@taika/client/program/build-program';
import { submitJob } from '@taika/protocol/dispatch/jobs';
import type { JobId } from '@taika/protocol/schema';
import { waitFor } from '@taika/testing/wait-for';
import { createGrid, smallestProgram, type TestGrid } from '../programs/dispatch/test/support/grid.ts';
import { newId } from '../programs/dispatch/test/support/parties.ts';
import { startTestDispatch, type TestDispatch } from '../programs/dispatch/test/support/test-dispatch.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

const endless = `
  import { readPart, cutUnit } from 'taika';
  const part = readPart();
  while (part.length > 0) {}
  cutUnit(part.length);
`;
const whole = `
  import { readPart, cutUnit } from 'taika';
  cutUnit(readPart().length);
`;
/** More than a split by program takes with the short ones. */
const muchInput = Buffer.alloc(17 * 1024 * 1024, 'a');

let dispatch: TestDispatch;
let grid: TestGrid;
let folder: TemporaryFolder;
before(async () => {
  folder = await temporaryFolder('split');
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
});
after(async () => {
  await dispatch?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

async function submit(name: string, text: string, input: Uint8Array): Promise<JobId> {
  const path = join(folder.path, `${name}.ts`);
  await writeFile(path, text);
  const cut = await grid.upload(await buildProgram(path));
  const { sha256: program } = await grid.upload(smallestProgram);
  const jobId = newId<JobId>();
  await grid.customer.call(submitJob, {
    params: { jobId },
    body: {
      name,
      program,
      privacy: 'public',
      input: await grid.upload(input),
      split: { by: 'program', program: cut.sha256 },
      merge: { by: 'concat' },
    },
  });
  return jobId;
}
const isSplit = (jobId: JobId) => async () => (await grid.read(jobId)).state !== 'splitting';

test('a split by program that takes its time holds up no short one, and no other once it is cancelled', async () => {
  const long = await submit('endless', endless, muchInput);
  const short = await submit('short', whole, Buffer.from('a\n'));
  await waitFor('the short one is split', isSplit(short), { timeoutMs: 30_000 });
  assert.equal((await grid.read(short)).state, 'running');
  assert.equal((await grid.read(long)).state, 'splitting');
  await grid.cancel(long);
  const other = await submit('other', whole, muchInput);
  await waitFor('the other long one is split', isSplit(other), { timeoutMs: 30_000 });
  assert.equal((await grid.read(other)).state, 'running');
});
