import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeError } from '@taika/cli/describe-error';
import { RemoteError } from '@taika/http/call';
import type { JobId } from '@taika/protocol/schema';
import { brokenOff, leaveText } from './submission.ts';

const jobId = '01981b9e-0000-7000-8000-000000000001' as JobId;

test('whoever leaves is told what is certain: nothing submitted, perhaps, or a job that goes on', () => {
  assert.match(leaveText({ kind: 'sending' }), /^Nothing was submitted\. .*same command goes on there\.$/);
  const perhaps = leaveText({ kind: 'submitting', jobId });
  assert.doesNotMatch(perhaps, /Nothing was submitted/);
  assert.match(perhaps, new RegExp(`may have been submitted as ${jobId}: taika watch ${jobId} `));
  assert.match(leaveText({ kind: 'submitted', jobId }), new RegExp(`goes on.*taika watch ${jobId}`));
});

test('a connection that breaks an upload off says that the same command goes on', () => {
  const away = new RemoteError({ code: 'unreachable' }, { status: 0 });
  const sending = describeError(brokenOff(away, { kind: 'sending' }));
  assert.deepEqual(sending, {
    code: 'unreachable',
    sentence: 'The server cannot be reached.',
    remedy:
      'Check the address and the network; is the server running? What was sent is kept for a week: the same command goes on there.',
    exitCode: 1,
  });
  const submitting = describeError(brokenOff(away, { kind: 'submitting', jobId }));
  assert.match(submitting.remedy ?? '', /The job may have been submitted as .* only then run/);
  assert.doesNotMatch(submitting.remedy ?? '', /goes on there/);
});

test('a refusal is told as it is', () => {
  const refused = new RemoteError({ code: 'bad-request', detail: 'No.' }, { status: 400 });
  assert.equal(brokenOff(refused, { kind: 'sending' }), refused);
});
