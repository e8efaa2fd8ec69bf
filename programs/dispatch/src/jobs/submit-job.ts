import { canonicalJson } from '@taika/crypto/canonical-json';
import { sha256HexSync } from '@taika/crypto/node-digest';
import type { Transaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { findJobRefusal } from '@taika/job/find-job-refusal';
import { firstPhase, hasPhases, programsOf } from '@taika/job/phases';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import { holdForJob } from '../billing/hold-for-job.ts';
import { readMaxPrice } from '../billing/read-max-price.ts';
import type { Blobs } from '../blobs/blobs.ts';
import { isStored } from '../blobs/is-stored.ts';
import { findOwnedBlobs, lockBlobs } from '../blobs/queries.ts';
import type { DispatchContext } from '../context.ts';
import { admitProgram, memoryPagesOf } from '../programs/admit-program.ts';
import { areAdmitted } from '../programs/queries.ts';
import { readCurrentRateCard } from '../rates/queries.ts';
import { beginPhase } from './begin-phase.ts';
import { findJobOwner, insertJob } from './queries.ts';
import type { JobWanted } from './read-jobs.ts';

/**
 * Stores a job (step 301). A repeated call with the same spec changes nothing. Throws ApiError `job-refused` saying
 * where, `program-refused`, `funds-short`, or `idempotency-conflict` when the id was used for something else.
 */
export async function submitJob(
  context: DispatchContext,
  blobs: Blobs,
  { jobId, customerNumber }: JobWanted,
  spec: JobSpecText,
): Promise<void> {
  const { sql, clock } = context;
  const specSha256 = sha256HexSync(canonicalJson(JSON.parse(JSON.stringify(spec))));
  if (await wasSubmitted(context, { jobId, customerNumber }, specSha256)) {
    return;
  }
  checkSpec(spec);
  await checkBlobs(context, blobs, customerNumber, spec);
  const memoryPages = memoryPagesOf(spec.limits?.memoryMiB);
  const { artefacts } = await admitProgram(context, blobs, {
    sha256: spec.program,
    customerNumber,
    memoryPages,
  });
  for (const sha256 of programsOf(spec).filter((sha256) => sha256 !== spec.program)) {
    await admitProgram(context, blobs, { sha256, customerNumber, memoryPages });
  }
  // A program without a place where the bits of a NaN show has one artefact, which is as strict as can be.
  const artefactKind =
    spec.artefact === 'strict' && artefacts.some(({ kind }) => kind === 'strict') ? 'strict' : 'fast';
  const { version: rateVersion, priceMilli } = await readCurrentRateCard(sql);
  const maxPriceMilli = readMaxPrice(context.contractor, spec, priceMilli);
  const job = {
    id: jobId,
    customerNumber,
    spec,
    specSha256,
    rateVersion,
    artefactKind,
    memoryPages,
    hasPhases: hasPhases(spec),
    maxPriceMilli,
  } as const;
  const isNew = await inTransaction(sql, async (tx) => {
    // The money first: the key of its hold makes a second call with this id wait here, and then find the job.
    const ledgerHoldId =
      maxPriceMilli === undefined
        ? undefined
        : await holdForJob(tx, context, { jobId, customerNumber, maxPriceMilli });
    await keepBlobs(tx, spec);
    const jobNumber = await insertJob(tx, { ...job, ledgerHoldId, createdAt: clock.now() });
    if (jobNumber !== undefined && job.hasPhases) {
      const { input } = spec;
      await beginPhase(context, tx, { jobNumber, jobSpec: spec, phase: firstPhase, place: 0, input });
    }
    return jobNumber !== undefined;
  });
  if (!isNew) {
    await wasSubmitted(context, { jobId, customerNumber }, specSha256);
  }
}

/** Throws ApiError `job-refused` with the sentence that the customer’s own programs refuse the job with. */
function checkSpec(spec: JobSpecText): void {
  const refusal = findJobRefusal(spec);
  if (refusal !== undefined) {
    const { path, sentence } = refusal;
    throw new ApiError('job-refused', sentence, { fields: [{ path: path.join('.'), expected: sentence }] });
  }
}

/** From here to the end of the transaction the collector waits; after it, it sees the job. Throws `unavailable` when it was faster. */
async function keepBlobs(tx: Transaction, spec: JobSpecText): Promise<void> {
  const programs = programsOf(spec);
  const digests = blobsOf(spec).map(({ sha256 }) => sha256);
  if (!(await lockBlobs(tx, digests)) || !(await areAdmitted(tx, programs))) {
    throw new ApiError('unavailable', 'A file of this job was just deleted as unused: submit again.');
  }
}

async function wasSubmitted(
  { sql }: DispatchContext,
  wanted: JobWanted,
  specSha256: string,
): Promise<boolean> {
  const known = await findJobOwner(sql, wanted.jobId);
  if (known === undefined) {
    return false;
  }
  // Another customer's job is told by the same words as one's own: ids are random, so this tells nothing.
  if (known.customerNumber !== wanted.customerNumber || known.specSha256 !== specSha256) {
    throw new ApiError('idempotency-conflict', 'There is another job with this id.');
  }
  return true;
}

/** Who names a blob must have uploaded it: a digest alone gives no right to another's bytes. */
async function checkBlobs(
  { sql }: DispatchContext,
  blobs: Blobs,
  customerNumber: bigint,
  spec: JobSpecText,
): Promise<void> {
  const wanted = blobsOf(spec);
  const digests = wanted.map(({ sha256 }) => sha256);
  const owned = await findOwnedBlobs(sql, digests, { kind: 'customer', customerNumber });
  for (const { what, sha256, bytes } of wanted) {
    const found = owned.get(sha256);
    if (found === undefined) {
      throw new ApiError('job-refused', `${what}: upload the blob ${sha256} first.`);
    }
    if (bytes !== undefined && bytes !== found) {
      throw new ApiError('job-refused', `${what}: the blob has ${found} bytes, not ${bytes}.`);
    }
    if (!(await isStored(blobs, { sha256, bytes: found }))) {
      throw new ApiError(
        'job-refused',
        `${what}: the blob ${sha256} is not on the server any more; upload it again.`,
      );
    }
  }
}

/** Everything that a job names, and as what. */
function blobsOf(spec: JobSpecText) {
  return [
    ...programsOf(spec).map((sha256) => ({ what: 'program', sha256, bytes: undefined })),
    ...(spec.input === undefined ? [] : [{ what: 'input', ...spec.input }]),
    ...(spec.files ?? []).map(({ name, sha256, bytes }) => ({ what: `files.${name}`, sha256, bytes })),
  ];
}
