import type { SqlOrTransaction } from '@taika/database/connect';
import type { ServerEvent } from '@taika/http/send-events';
import type { UnitOutputText } from '@taika/protocol/dispatch/units';
import { isEnded } from '../jobs/job-state.ts';
import { readJobState } from '../jobs/queries.ts';
import type { AcceptedRunRow } from '../merging/queries.ts';
import { unpackRun } from '../results/packed-run.ts';
import type { WorkContext } from '../work-context.ts';
import { addDelivered, findInspectedJob, listRunsFrom, readDelivered } from './queries.ts';

/** How soon a reader learns of the next unit. */
const pollMs = 400;
/** Runs read at once: each has at most 256 outputs of at most 64 KiB inline. */
const pageRows = 8;
const urlMs = 60 * 60_000;

/**
 * Outputs of accepted units from `fromUnit` on, in the order of the input, as they come; then `end` when the job has
 * ended. Memory is that of a few runs, whatever the job's size. A unit that is missing is waited for, so what was
 * read is always a beginning of the result. Of a job with stages or rounds only the last stage becomes the result, and
 * which one is the last is known when the job has ended: until then nothing comes. What leaves before the end is noted
 * first, because it is charged whatever becomes of the job; of a job that failed or was cancelled nothing leaves.
 */
export async function* streamOutputs(
  { context, blobs }: WorkContext,
  { jobId, fromUnit }: { readonly jobId: string; readonly fromUnit: number },
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const { sql, clock } = context;
  // Who asks from a later unit on says that it has those before: they are noted too, and not sent.
  let next = 0;
  let isFirst = true;
  while (!signal.aborted) {
    // Asked before the rows: whatever was accepted before the end is then among them.
    const job = await findInspectedJob(sql, jobId);
    const state = job && (await readJobState(sql, job.number));
    const hasEnded = state === undefined || isEnded(state);
    const isDone = state === 'done';
    if (isFirst) {
      next =
        isDone || job === undefined ? fromUnit : Math.min(fromUnit, await readDelivered(sql, job.number));
      isFirst = false;
    }
    const began = next;
    const isReadable = job !== undefined && (isDone || (!hasEnded && !job.hasPhases));
    const wanted = { jobNumber: job?.stageNumber ?? 0n, fromUnit: next, limit: pageRows };
    for (const row of isReadable ? await listRunsFrom(sql, wanted) : []) {
      if (row.firstUnit > next) {
        break;
      }
      if (job !== undefined && !isDone && !(await noteDelivered(sql, job.number, row))) {
        // It ended just now.
        break;
      }
      const until = new Date(clock.now().getTime() + urlMs);
      for await (const output of outputsOf(row, Math.max(next, fromUnit), (sha256) =>
        blobs.urlOf(sha256, until),
      )) {
        yield { id: String(output.unit), event: 'output', data: output };
      }
      next = row.firstUnit + row.units;
    }
    if (next > began) {
      continue;
    }
    if (hasEnded) {
      yield { event: 'end', data: { state } };
      return;
    }
    try {
      await clock.sleep(pollMs, signal);
    } catch {
      // Aborted: the loop's condition ends it.
    }
  }
}

/** Notes a row's units that are about to be delivered, each once whoever else reads the job; false when the job has ended. */
async function noteDelivered(
  sql: SqlOrTransaction,
  jobNumber: bigint,
  row: AcceptedRunRow,
): Promise<boolean> {
  const to = row.firstUnit + row.units;
  for (;;) {
    const from = await readDelivered(sql, jobNumber);
    if (from >= to || (await addDelivered(sql, { jobNumber, from, to, fuel: fuelFrom(row, from) }))) {
      return true;
    }
    // Another stream was first, or the job ended.
    if ((await readDelivered(sql, jobNumber)) === from) {
      return false;
    }
  }
}

/** What a row's units from one on took. */
function fuelFrom(row: AcceptedRunRow, fromUnit: number): bigint {
  const units = unpackRun(row.outputs, row.resultUnits);
  let fuel = 0n;
  for (let unit = Math.max(fromUnit, row.firstUnit); unit < row.firstUnit + row.units; unit++) {
    fuel += BigInt(units[unit - row.resultFirstUnit]?.fuel ?? 0);
  }
  return fuel;
}

async function* outputsOf(
  row: AcceptedRunRow,
  fromUnit: number,
  urlOf: (sha256: string) => Promise<string>,
): AsyncGenerator<UnitOutputText> {
  const units = unpackRun(row.outputs, row.resultUnits);
  const long = new Map((row.blobs ?? []).map(({ at, sha256 }) => [at, sha256]));
  for (let unit = fromUnit; unit < row.firstUnit + row.units; unit++) {
    const at = unit - row.resultFirstUnit;
    const sha256 = long.get(at);
    yield sha256 === undefined
      ? { unit, output: Buffer.from(units[at]?.output ?? []).toString('base64') }
      : { unit, blob: { url: await urlOf(sha256), sha256 } };
  }
}
