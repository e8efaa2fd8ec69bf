import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '@taika/runtime/logger';
import { warnOfReturned } from './warn-of-returned.ts';

test('the operator is told once of a copy that the reference executor cannot compute, and what to do', () => {
  const told: string[] = [];
  const log = {
    ...silentLogger,
    warn: (_fields: unknown, sentence?: string) => void told.push(sentence ?? ''),
  };
  for (const returns of [1, 2, 3, 4, 30]) {
    warnOfReturned(log as never, [{ jobId: 'job', firstUnit: 4, units: 2, returns, cause: 'host-memory' }]);
  }
  assert.equal(told.length, 1);
  assert.match(
    told[0] ?? '',
    /could not compute it 3 times.*ran out of memory.*taika reference run --memory/,
  );
});
