/**
 * Most memory of the server process while it takes in, splits and hands out an input of 1 GiB. One JSON line.
 * `--mebibytes N` (default 1024).
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { uploadBlob } from '@taika/protocol/dispatch/blobs';
import { submitJob } from '@taika/protocol/dispatch/jobs';
import type { JobId } from '@taika/protocol/schema';
import { smallestProgram } from '../../programs/dispatch/test/support/grid.ts';
import { newId } from '../../programs/dispatch/test/support/parties.ts';
import { startBenchGrid } from './grid.ts';

const { values } = parseArgs({ options: { mebibytes: { type: 'string', default: '1024' } } });
const mebibytes = Number(values.mebibytes);
/** A mebibyte of CSV with quoted line ends, in rows of 64 bytes. */
const chunk = Buffer.from(
  `${'0123456789,'.repeat(4)}"quoted\n text",x\n`.padStart(64, '7').slice(0, 64).repeat(16_384),
);

await using bench = await startBenchGrid();
const { server, grid } = bench;
const idle = await server.usage();
const sha256 = digestOf(mebibytes);
const uploadMs = await timed(async () => {
  const bytes = Readable.toWeb(Readable.from(chunks(mebibytes))) as unknown as ReadableStream<Uint8Array>;
  await grid.customer.open(uploadBlob, { params: { sha256 }, bytes });
});
const uploaded = await server.usage();
const program = await grid.upload(smallestProgram);
const jobId = newId<JobId>();
const splitMs = await timed(async () => {
  const bytes = mebibytes * chunk.length;
  await grid.customer.call(submitJob, {
    params: { jobId },
    body: {
      name: 'large',
      program: program.sha256,
      input: { sha256, bytes },
      split: { by: 'csv', records: 16 },
      merge: { by: 'concat' },
      privacy: 'public',
    },
  });
  await grid.reach(jobId, 'running');
});
const split = await server.usage();
const { units } = await grid.read(jobId);
await grid.cancel(jobId);
console.log(
  JSON.stringify({
    bench: 'dispatch-split-memory',
    mebibytes,
    units: units.total,
    idleRssMiB: Math.round(idle.maxRssMiB),
    peakRssMiBUpload: Math.round(uploaded.maxRssMiB),
    peakRssMiBSplit: Math.round(split.maxRssMiB),
    uploadSeconds: Math.round(uploadMs / 100) / 10,
    splitSeconds: Math.round(splitMs / 100) / 10,
  }),
);

function* chunks(count: number): Generator<Buffer> {
  for (let nth = 0; nth < count; nth++) {
    yield chunk;
  }
}

function digestOf(count: number): string {
  const hash = createHash('sha256');
  for (const piece of chunks(count)) {
    hash.update(piece);
  }
  return hash.digest('hex');
}

async function timed(step: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await step();
  return performance.now() - startMs;
}
