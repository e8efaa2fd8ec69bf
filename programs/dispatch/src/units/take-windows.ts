import type { Sql } from '@taika/database/connect';
import type { Clock } from '@taika/runtime/clock';
import type { Blobs } from '../blobs/blobs.ts';
import type { JobCatalogue, JobDetails } from '../jobs/job-catalogue.ts';
import type { LastResort, TakeWindows } from './feeder.ts';
import { listLastResort } from './last-resort-queries.ts';
import { takeFreshWindow, takeReissued, type WindowRow } from './queries.ts';
import type { UnitWindow } from './unit-window.ts';

/** A window's input is kept in memory up to this many bytes: one read for thousands of small units. */
const cachedBytesMax = 2 * 1024 * 1024;
/** Windows taken from what came back, in one statement. */
const reissuedWindowsMax = 16;

export interface WindowSource {
  readonly sql: Sql;
  readonly hotSql: Sql;
  readonly replica: number;
  readonly blobs: Blobs;
  readonly catalogue: JobCatalogue;
  readonly clock: Clock;
}

/** Creates the feeder's source: what came back first, then fresh units. */
export function createTakeWindows(source: WindowSource): TakeWindows {
  const { hotSql, replica } = source;
  return async (jobNumber, units) => {
    const reissued = await takeReissued(hotSql, { jobNumber, replica, windowsMax: reissuedWindowsMax });
    const rows =
      reissued.length > 0 ? reissued : await takeFreshWindow(hotSql, { jobNumber, units, replica });
    return toWindows(source, jobNumber, rows);
  };
}

/** Creates the feeder's source of what only the reference executor may compute any more: asked for rarely, and not on the hot path. */
export function createLastResort(source: WindowSource): LastResort {
  const { sql, replica } = source;
  return {
    async among(jobNumber, windows) {
      const places = windows.map(({ firstUnit, lengths }) => ({ firstUnit, units: lengths.length }));
      const found = await listLastResort(sql, jobNumber, places);
      return new Set(windows.filter(({ firstUnit }) => found.has(firstUnit)).map(({ blockId }) => blockId));
    },
    async take(jobNumber) {
      const only = await listLastResort(sql, jobNumber, 'reissued');
      if (only.size === 0) {
        return [];
      }
      const options = { jobNumber, replica, windowsMax: 1, firstUnits: [...only] };
      return toWindows(source, jobNumber, await takeReissued(sql, options));
    },
  };
}

async function toWindows(
  { catalogue, blobs, clock }: WindowSource,
  jobNumber: bigint,
  rows: readonly WindowRow[],
): Promise<UnitWindow[]> {
  const details = rows.length === 0 ? undefined : await catalogue.find(jobNumber);
  return details === undefined
    ? []
    : Promise.all(rows.map((row) => toWindow(row, details, blobs, clock.monotonicMs())));
}

async function toWindow(
  row: WindowRow,
  job: JobDetails,
  blobs: Blobs,
  takenAtMs: number,
): Promise<UnitWindow> {
  const places = row.places.split(',');
  const offsets = new Float64Array(places.length);
  const lengths = new Float64Array(places.length);
  for (const [index, place] of places.entries()) {
    const colon = place.indexOf(':');
    offsets[index] = Number(place.slice(0, colon));
    lengths[index] = Number(place.slice(colon + 1));
  }
  const window = {
    blockId: row.blockId,
    jobNumber: job.number,
    firstUnit: row.firstUnit,
    offsets,
    lengths,
    returnedBy: row.returnedBy ?? undefined,
    formerMembers: new Set(row.formerMembers),
    takenAtMs,
    handedOut: 0,
    claimed: 0,
  };
  return { ...window, bytes: await readSmall(job, offsets, lengths, blobs) };
}

async function readSmall(
  { spec }: JobDetails,
  offsets: Float64Array,
  lengths: Float64Array,
  blobs: Blobs,
): Promise<Uint8Array | undefined> {
  const offset = offsets[0] ?? 0;
  const last = offsets.length - 1;
  const length = (offsets[last] ?? 0) + (lengths[last] ?? 0) - offset;
  return spec.input === undefined || length > cachedBytesMax
    ? undefined
    : blobs.read(spec.input.sha256, { offset, length });
}
