import type { Sql } from '@taika/database/connect';
import type { Clock } from '@taika/runtime/clock';
import type { Blobs } from '../blobs/blobs.ts';
import type { JobCatalogue, JobDetails } from '../jobs/job-catalogue.ts';
import type { TakeWindows } from './feeder.ts';
import { takeFreshWindow, takeReissued, type WindowRow } from './queries.ts';
import type { UnitWindow } from './unit-window.ts';

/** A window's input is kept in memory up to this many bytes: one read for thousands of small units. */
const cachedBytesMax = 2 * 1024 * 1024;
/** Windows taken from what came back, in one statement. */
const reissuedWindowsMax = 16;

/** Creates the feeder's source: what came back first, then fresh units. */
export function createTakeWindows(options: {
  readonly hotSql: Sql;
  readonly replica: number;
  readonly blobs: Blobs;
  readonly catalogue: JobCatalogue;
  readonly clock: Clock;
}): TakeWindows {
  const { hotSql, replica, blobs, catalogue, clock } = options;
  return async (jobNumber, units) => {
    const reissued = await takeReissued(hotSql, { jobNumber, replica, windowsMax: reissuedWindowsMax });
    const rows =
      reissued.length > 0 ? reissued : await takeFreshWindow(hotSql, { jobNumber, units, replica });
    const details = rows.length === 0 ? undefined : await catalogue.find(jobNumber);
    return details === undefined
      ? []
      : Promise.all(rows.map((row) => toWindow(row, details, blobs, clock.monotonicMs())));
  };
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
