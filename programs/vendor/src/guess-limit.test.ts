import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@taika/http/api-error';
import { createManualClock } from '@taika/runtime/manual-clock';
import { createGuessLimit } from './guess-limit.ts';

const wrong = async () => {
  throw new ApiError('bad-key');
};

test('wrong keys of one party are bounded, those of another are not touched, and time gives guesses back', async () => {
  const clock = createManualClock(new Date('2026-11-01T00:00:00Z'));
  const limit = createGuessLimit(clock);
  const codeOf = (party: string, attempt: () => Promise<unknown> = wrong) =>
    limit.guard(party, attempt).then(
      () => 'opened',
      (error) => error.code,
    );
  for (let index = 0; index < 20; index++) {
    assert.equal(await codeOf('one'), 'bad-key');
  }
  assert.equal(await codeOf('one'), 'rate-limited');
  assert.equal(await codeOf('two'), 'bad-key');
  await clock.advance(3000);
  assert.equal(await codeOf('one', async () => 'right'), 'opened');
  assert.equal(await codeOf('one'), 'bad-key');
  assert.equal(await codeOf('one'), 'rate-limited');
});

test('typing errors and other failures are no guesses', async () => {
  const limit = createGuessLimit(createManualClock(new Date(0)));
  for (let index = 0; index < 50; index++) {
    const mistyped = new ApiError('bad-key', undefined, { extra: { mistyped: true } });
    await assert.rejects(
      limit.guard('one', () => Promise.reject(mistyped)),
      mistyped,
    );
  }
});
