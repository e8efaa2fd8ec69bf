import { findCurrencyRefusal } from '@taika/job/find-bound-refusal';
import { assertComputable } from '@taika/job/find-job-refusal';
import { JobRefused } from '@taika/job/job-refusal';
import { admitProgram, submitJob as submitJobRoute } from '@taika/protocol/dispatch/jobs';
import { readRates } from '@taika/protocol/dispatch/parties';
import type { JobId } from '@taika/protocol/schema';
import type { BlobSource } from '../job/blob-source.ts';
import type { PreparedJob } from '../job/prepared-job.ts';
import type { PatientCaller } from './patience.ts';
import { uploadIfMissing } from './upload-blob.ts';

export interface SubmitOptions {
  /** Made by the caller where a repeated submission must be the same job; else made here. */
  readonly jobId?: JobId;
  /** Any text that names this submission, such as a file's name and date: the same text is the same job. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  /** Bytes sent so far and in all, over every file that the grid did not have. */
  readonly onUpload?: (sent: number, total: number) => void;
  /** Told when everything was sent and the job itself is submitted under this id: from then on it may have arrived. */
  readonly onSubmitting?: (jobId: JobId) => void;
}

/**
 * Uploads the programs and has them admitted, and only then uploads the rest and submits: what is refused is refused before
 * hours of uploading. Each step may be repeated, so an interrupted call is called again. Throws `JobRefused`.
 */
export async function submitJob(
  caller: PatientCaller,
  jobId: JobId,
  job: PreparedJob,
  options: SubmitOptions,
): Promise<void> {
  assertComputable(job.spec);
  const { signal, onUpload } = options;
  await checkCurrency(caller, job, signal);
  const programs = [...job.programs.values()];
  const others = [...(job.input === undefined ? [] : [job.input]), ...job.files.values()];
  const sources = [...programs, ...others];
  const total = sources.reduce((sum, source) => sum + source.bytes, 0);
  let before = 0;
  const upload = async (source: BlobSource) => {
    const sentBefore = before;
    const onProgress = (sent: number) => onUpload?.(sentBefore + sent, total);
    await uploadIfMissing(caller, source, { signal, onProgress });
    before += source.bytes;
    onUpload?.(before, total);
  };
  const memory = job.spec.limits?.memoryMiB;
  for (const source of programs) {
    await upload(source);
    const body = { name: job.spec.name, ...(memory === undefined ? {} : { memoryMiB: memory }) };
    await caller.call(admitProgram, { params: { sha256: source.sha256 }, body, signal });
  }
  for (const source of others) await upload(source);
  options.onSubmitting?.(jobId);
  await caller.call(submitJobRoute, { params: { jobId }, body: job.spec, signal });
}

/** Another currency than the contractor's is refused before anything is uploaded. */
async function checkCurrency(
  caller: PatientCaller,
  { spec }: PreparedJob,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (spec.maxPrice === undefined) return;
  const { price } = await caller.call(readRates, { signal });
  const refusal = findCurrencyRefusal(spec, price.currency);
  if (refusal !== undefined) throw new JobRefused(refusal);
}
