import assert from 'node:assert/strict';
import { test } from 'node:test';
import { privacySentence } from './confirm-privacy.ts';

test('a customer is told who reads the job, and when its data is deleted', () => {
  assert.match(
    privacySentence(30),
    /people whom you do not know read the input.* 30 days after the job's end, or when you say: taika delete JOB\. .* within a day\.$/,
  );
  assert.match(privacySentence(1), / 1 day after/);
});
