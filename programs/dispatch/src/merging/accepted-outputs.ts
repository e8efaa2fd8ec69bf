import type { SqlOrTransaction } from '@taika/database/connect';
import type { UnitOutput } from '@taika/job/merger';
import type { Blobs } from '../blobs/blobs.ts';
import { unpackRun } from '../results/packed-run.ts';
import { type AcceptedRunRow, listAcceptedRuns } from './queries.ts';

/** Outputs held in memory at once, about: pages shrink where runs are long and grow where they are short. */
const pageBytes = 8 * 1024 * 1024;
const pageRowsMin = 4;
const pageRowsMax = 4_096;

/**
 * All accepted outputs of a job, unit by unit in the order of the input. Reads page by page, so memory does not grow with
 * the job. Throws when a unit is missing or comes twice: then our books are wrong, and a wrong result must not leave.
 */
export async function* acceptedOutputs(
  sql: SqlOrTransaction,
  blobs: Blobs,
  { jobNumber, unitCount }: { readonly jobNumber: bigint; readonly unitCount: number },
): AsyncGenerator<UnitOutput> {
  let nextUnit = 0;
  let limit = pageRowsMin;
  while (nextUnit < unitCount) {
    const rows = await listAcceptedRuns(sql, { jobNumber, fromUnit: nextUnit, limit });
    let bytes = 0;
    for (const row of rows) {
      if (row.firstUnit !== nextUnit) {
        throw new Error(`Job ${jobNumber} continues at unit ${row.firstUnit} where ${nextUnit} is next.`);
      }
      yield* outputsOf(row, blobs);
      nextUnit += row.units;
      bytes += row.outputs.length;
    }
    if (rows.length === 0) {
      throw new Error(`Job ${jobNumber} has no result for unit ${nextUnit} of ${unitCount}.`);
    }
    limit = nextLimit(bytes / rows.length);
  }
}

function nextLimit(rowBytes: number): number {
  return Math.min(pageRowsMax, Math.max(pageRowsMin, Math.floor(pageBytes / Math.max(1, rowBytes))));
}

async function* outputsOf(row: AcceptedRunRow, blobs: Blobs): AsyncGenerator<UnitOutput> {
  const units = unpackRun(row.outputs, row.resultUnits);
  const start = row.firstUnit - row.resultFirstUnit;
  const long = new Map((row.blobs ?? []).map((blob) => [blob.at, blob.sha256]));
  for (let at = start; at < start + row.units; at++) {
    const sha256 = long.get(at);
    yield sha256 === undefined ? (units[at]?.output ?? new Uint8Array()) : { open: () => blobs.open(sha256) };
  }
}
