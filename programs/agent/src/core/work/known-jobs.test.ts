import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobBriefText } from '@taika/protocol/dispatch/cycle';
import { createKnownJobs } from './known-jobs.ts';

test('a job of which nothing was held for ten minutes is forgotten, with its sandboxes', () => {
  let nowMs = 0;
  const retired: string[] = [];
  const jobs = createKnownJobs(
    {
      retire: (isOver) => retired.push(...['held 1', 'idle 1'].filter(isOver)),
      forget: () => assert.fail('Nothing is closed at once.'),
    },
    { monotonicMs: () => nowMs },
  );
  const brief = (jobId: string) => ({ jobId }) as JobBriefText;
  jobs.learn([brief('held'), brief('idle')]);
  for (; nowMs <= 600_000; nowMs += 15_000) {
    assert.deepEqual(new Set(jobs.names(['held'])), new Set(['held', 'idle']));
  }
  assert.deepEqual(jobs.names(['held']), ['held']);
  assert.deepEqual(retired, ['idle 1']);
  assert.equal(jobs.brief('idle'), undefined);
  assert.notEqual(jobs.brief('held'), undefined);
});
