import type { SqlOrTransaction } from '@taika/database/connect';
import { listUnitNames } from './queries.ts';

const pageRows = 10_000;

/** The names of a job's units, in order. Reads page by page, so memory does not grow with the job. */
export async function* unitNames(
  sql: SqlOrTransaction,
  { jobNumber, unitCount }: { readonly jobNumber: bigint; readonly unitCount: number },
): AsyncGenerator<string> {
  for (let fromUnit = 0; fromUnit < unitCount; fromUnit += pageRows) {
    yield* await listUnitNames(sql, { jobNumber, fromUnit, limit: pageRows });
  }
}
