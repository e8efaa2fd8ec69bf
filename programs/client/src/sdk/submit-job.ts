import { admitProgram, submitJob as submitJobRoute } from '@taika/protocol/dispatch/jobs';
import type { JobId } from '@taika/protocol/schema';
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
}

/** Uploads, has the program admitted, submits. Each step may be repeated, so an interrupted call is called again. */
export async function submitJob(
  caller: PatientCaller,
  jobId: JobId,
  job: PreparedJob,
  options: SubmitOptions,
): Promise<void> {
  const { signal, onUpload } = options;
  const sources = [
    ...job.programs.values(),
    ...(job.input === undefined ? [] : [job.input]),
    ...job.files.values(),
  ];
  const total = sources.reduce((sum, source) => sum + source.bytes, 0);
  let before = 0;
  for (const source of sources) {
    const sentBefore = before;
    const onProgress = (sent: number) => onUpload?.(sentBefore + sent, total);
    await caller.persist(() => uploadIfMissing(caller, source, { signal, onProgress }), signal);
    before += source.bytes;
    onUpload?.(before, total);
  }
  for (const sha256 of job.programs.keys()) {
    await caller.call(admitProgram, { params: { sha256 }, body: { name: job.spec.name }, signal });
  }
  await caller.call(submitJobRoute, { params: { jobId }, body: job.spec, signal });
}
