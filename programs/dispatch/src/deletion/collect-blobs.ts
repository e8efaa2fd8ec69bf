import { inTransaction } from '@taika/database/transaction';
import { faultPoint } from '@taika/runtime/fault-points';
import type { StepOutcome } from '@taika/runtime/loop';
import type { Blobs } from '../blobs/blobs.ts';
import type { DispatchContext } from '../context.ts';
import {
  deleteBlobRows,
  deletePrograms,
  findReferenced,
  listOldBlobs,
  lockOldBlobs,
} from './collect-queries.ts';
import { removeBytes } from './remove-bytes.ts';

const hourMs = 3600 * 1000;
/** What was uploaded within this time may be about to be named by a job or a report. Uploading again, or asking whether it is there, begins it anew. */
const graceMs = 24 * hourMs;
/** Parts of an upload that nobody went on with. */
const partsGraceMs = 7 * 24 * hourMs;
/** Blobs looked at in one transaction. */
const batchSize = 200;

/** Where the collector is in its way through all blobs, by name; a replica's own, lost without harm. */
export interface Collection {
  after: string;
}

/**
 * A step of a loop: deletes blobs that nothing names: no job whose data is kept, no program of such a job, no unit's
 * result. Rows are locked before they are judged, and whoever is about to name one locks it too (submit-job.ts), or has
 * just uploaded it, which made it young: so what is referenced is never deleted. Bytes go when it is committed that their
 * rows are gone, so that no row stays without bytes, whatever is killed or fails.
 */
export async function collectBlobsStep(
  context: DispatchContext,
  blobs: Blobs,
  collection: Collection,
): Promise<StepOutcome> {
  const { sql, clock } = context;
  const nowMs = clock.now().getTime();
  const storedBefore = new Date(nowMs - graceMs);
  const candidates = await listOldBlobs(sql, { storedBefore, after: collection.after, limit: batchSize });
  if (candidates.length === 0) {
    collection.after = '';
    await blobs.parts.removeOlderThan(new Date(nowMs - partsGraceMs));
    // What a crash or the store left.
    await removeBytes(context, blobs);
    return 'idle';
  }
  await inTransaction(sql, async (tx) => {
    const locked = await lockOldBlobs(tx, { sha256s: candidates, storedBefore });
    await deletePrograms(tx, locked);
    const referenced = await findReferenced(tx, locked);
    const garbage = locked.filter((sha256) => !referenced.has(sha256));
    await deleteBlobRows(tx, garbage);
  });
  collection.after = candidates.at(-1) ?? '';
  faultPoint('blob-rows-deleted');
  await removeBytes(context, blobs);
  return 'again';
}
