/**
 * One job of many units from the first byte to the last: uploaded, split, computed by terminals that compute nothing, merged
 * and deleted while another job is handed out. Most memory of the server process and of this one, which uploads as the
 * client does; seconds of each step; milliseconds of a look at the job list before and with the job, and of a cycle during
 * the deletion. One JSON line. `--units N` (default 10^6), `--mebibytes N` of input (default 2048), `--terminals N` (32).
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { uploadBlob } from '@taika/protocol/dispatch/blobs';
import { deleteJobData, listJobs, submitJob } from '@taika/protocol/dispatch/jobs';
import type { JobId } from '@taika/protocol/schema';
import { pause, smallestProgram } from '../../programs/dispatch/test/support/grid.ts';
import { newId } from '../../programs/dispatch/test/support/parties.ts';
import { startBenchGrid, startWorkers } from './grid.ts';

const { values } = parseArgs({
  options: {
    units: { type: 'string', default: '1000000' },
    mebibytes: { type: 'string', default: '2048' },
    terminals: { type: 'string', default: '32' },
  },
});
const units = Number(values.units);
/** One unit a line, all of the same length. */
const line = Buffer.alloc(Math.max(2, Math.floor((Number(values.mebibytes) * 2 ** 20) / units)), 'x');
line[line.length - 1] = 0x0a;
const linesPerChunk = Math.max(1, Math.floor(2 ** 20 / line.length));

await using bench = await startBenchGrid();
const { server, grid } = bench;
const workers = await startWorkers(grid, Number(values.terminals));
const hash = createHash('sha256');
for (const chunk of chunks()) {
  hash.update(chunk);
}
const sha256 = hash.digest('hex');
const program = await grid.upload(smallestProgram);
const listMsBefore = await timed(listOnce);
const uploadMs = await timed(async () => {
  const bytes = Readable.toWeb(Readable.from(chunks())) as unknown as ReadableStream<Uint8Array>;
  await grid.customer.open(uploadBlob, { params: { sha256 }, bytes });
});
const jobId = newId<JobId>();
const splitMs = await timed(async () => {
  await grid.customer.call(submitJob, {
    params: { jobId },
    body: {
      name: 'many',
      program: program.sha256,
      input: { sha256, bytes: units * line.length },
      split: { by: 'lines', records: 1 },
      merge: { by: 'lines' },
      privacy: 'public',
    },
  });
  await grid.reach(jobId, 'running');
});
const computeMs = await timed(() => compute(async () => (await grid.read(jobId)).state !== 'running'));
const listMsAfter = await timed(listOnce);
const mergeMs = await timed(async () => void (await grid.reach(jobId, 'done')));
const otherId = await bench.submitLines(200_000);
while ((await grid.read(jobId)).invoiceId === undefined) {
  await pause();
}
const cycleMs: number[] = [];
const deleteMs = await timed(async () => {
  await grid.customer.call(deleteJobData, { params: { jobId } });
  while ((await grid.read(jobId)).dataDeletedAt === undefined) {
    for (const worker of workers.slice(0, 4)) {
      cycleMs.push(await timed(async () => void (await worker.cycle({ unitsMax: 1 }))));
    }
  }
});
const cancelMs = await timed(async () => {
  await grid.cancel(otherId);
  for (let isTold = false; !isTold; ) {
    const reply = await workers[0]?.cycle({ knownJobs: [otherId] });
    isTold = reply?.endedJobs.includes(otherId) === true;
  }
});
const { maxRssMiB } = await server.usage();
console.log(
  JSON.stringify({
    bench: 'dispatch-million-units',
    units,
    mebibytes: Number(values.mebibytes),
    serverPeakRssMiB: Math.round(maxRssMiB),
    clientPeakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    seconds: {
      upload: seconds(uploadMs),
      split: seconds(splitMs),
      compute: seconds(computeMs),
      merge: seconds(mergeMs),
      delete: seconds(deleteMs),
    },
    listMs: { before: Math.round(listMsBefore), withTheJob: Math.round(listMsAfter) },
    cycleMsDuringDeletion: { median: quantile(cycleMs, 0.5), worst: quantile(cycleMs, 1) },
    cancelToldMs: Math.round(cancelMs),
  }),
);

function* chunks(): Generator<Buffer> {
  const chunk = Buffer.concat(Array.from({ length: linesPerChunk }, () => line));
  for (let left = units; left > 0; left -= linesPerChunk) {
    yield left >= linesPerChunk ? chunk : chunk.subarray(0, left * line.length);
  }
}

/** Every terminal answers with one byte a unit, whatever it is given, and fetches nothing: the server is what is measured. */
async function compute(isOver: () => Promise<boolean>): Promise<void> {
  let over = false;
  const watch = (async () => {
    while (!over) {
      over = await isOver();
      await pause();
    }
  })();
  await Promise.all(
    workers.map(async (worker) => {
      let reports: { assignmentId: string; fuels: number[]; outputs: string[] }[] = [];
      while (!over) {
        const { assignments } = await worker.cycle({ reports, unitsMax: 256 });
        reports = assignments.map(({ assignmentId, input }) => ({
          assignmentId,
          fuels: input.lengths.map(() => 1_000),
          outputs: input.lengths.map(() => 'eA=='),
        }));
        if (reports.length === 0) {
          await pause();
        }
      }
    }),
  );
  await watch;
}

async function listOnce(): Promise<void> {
  await grid.customer.call(listJobs, { query: { limit: '20' } });
}

async function timed(step: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await step();
  return performance.now() - startMs;
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
}
