import { errors } from '@taika/protocol/errors';
import { reasons } from '@taika/protocol/reasons';

/** docs/ERRORS.md as the two tables say. Run this file to write it: `node packages/protocol/test/write-errors-document.ts`. */
export function errorsDocument(): string {
  return [
    '# Errors and reasons',
    '',
    'Every refusal on the wire is `application/problem+json` (RFC 9457) with `code`, `fault`, `retryable`, `remedy`, a',
    '`detail` about this request, and a `requestId` that the operator finds in the log. This page is compared with the',
    'tables in `packages/protocol/src/errors.ts` and `reasons.ts` by a test; write it anew with',
    '`node packages/protocol/test/write-errors-document.ts`.',
    '',
    '## Errors',
    '`fault` says who can mend it. A `retryable` call may succeed later as it is.',
    '',
    '| code | status | fault | retryable | what it says | what to do |',
    '| --- | --- | --- | --- | --- | --- |',
    ...Object.entries(errors).map(
      ([code, { status, fault, retryable, sentence, remedy }]) =>
        `| \`${code}\` | ${status === 0 ? 'none' : status} | ${fault} | ${retryable ? 'yes' : 'no'} | ${sentence} | ${remedy} |`,
    ),
    '',
    '## Reasons',
    'Whatever waits says why: a job, a unit, an agent, a license, a claim that is not due.',
    '',
    '| code | what it says | what to do |',
    '| --- | --- | --- |',
    ...Object.entries(reasons).map(
      ([code, { sentence, remedy }]) => `| \`${code}\` | ${sentence} | ${remedy} |`,
    ),
    '',
  ].join('\n');
}

/** Where the page lies. */
export const errorsDocumentFile = new URL('../../../docs/ERRORS.md', import.meta.url);
