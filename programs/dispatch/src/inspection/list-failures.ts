import type { Sql } from '@taika/database/connect';
import type { Sendable } from '@taika/http/check-reply';
import type { UnitFailureText } from '@taika/protocol/dispatch/units';
import { listFailedResults, listReturnedUnits } from './queries.ts';

/** A job has few failures, because the first ends it; a bad program may fail on every unit that is out. */
const failuresMax = 1_000;

/** The first thousand failures of a job in the order of its units: failed results, and units that terminals gave back. */
export async function listFailures(sql: Sql, jobNumber: bigint): Promise<Sendable<UnitFailureText>[]> {
  const wanted = { jobNumber, limit: failuresMax };
  const failed = (await listFailedResults(sql, wanted)).flatMap(({ firstUnit, failures, at: instant }) =>
    failures.map(({ at, ...failure }) => ({ unit: firstUnit + at, ...failure, at: instant })),
  );
  const returned = (await listReturnedUnits(sql, wanted)).map(({ unit, cause, at }) => ({
    unit,
    returned: cause,
    at,
  }));
  return [...failed, ...returned].sort((left, right) => left.unit - right.unit).slice(0, failuresMax);
}
