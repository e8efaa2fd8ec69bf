/** `@taika/client`: what a customer's own program uses, in Node and in browsers. docs/JOBS.md shows how. */
export { sha256Hex } from '@taika/crypto/digest';
export { RemoteError } from '@taika/http/remote-error';
export { PageJobError, type PageJobErrorCode } from './page/page-job-error.ts';
export { connectGrid, type Grid, type GridOptions } from './sdk/grid.ts';
export { JobEnded } from './sdk/job-ended.ts';
export type { JobHandle } from './sdk/job-handle.ts';
export { type BytesJob, jobOfBytes } from './sdk/job-of-bytes.ts';
export type { StreamOptions } from './sdk/stream-options.ts';
export type { SubmitOptions } from './sdk/submit-job.ts';
export { verifyWebhook, type WebhookHeaders } from './sdk/verify-webhook.ts';
export type { JobEvent } from './sdk/watch-job.ts';
export type { UnitResult } from './sdk/watch-outputs.ts';
