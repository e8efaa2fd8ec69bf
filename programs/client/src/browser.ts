/** `@taika/client/browser`: jobs computed in a page, by workers whose script is `@taika/client/browser-worker`. */
export { UnitFailed } from './local/unit-failed.ts';
export { PageJobError, type PageJobErrorCode } from './page/page-job-error.ts';
export { type PageRunOptions, runLocal } from './page/run-local-in-page.ts';
