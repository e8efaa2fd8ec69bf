import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeLine } from './judge-line.ts';

const line = { event: 'order:1', amountMilli: 120_000n, currency: 'JPY' };
const known = { event: 'order:1', amount: 120_000n, disputeReason: null, isGivenUp: false };
const over = { isReviewOver: true };
const early = { isReviewOver: false };

test('what agrees is confirmed once the time for looking is over', () => {
  assert.deepEqual(judgeLine(line, known, over), { answer: 'confirmed' });
  assert.equal(judgeLine(line, known, early), undefined);
});

test('a license-month with another evidence than ours is disputed, and says what we count', () => {
  const month = { ...line, evidenceSha256: 'a'.repeat(64) };
  const ours = (evidenceSha256: string | null) => ({ ...known, evidenceSha256, leaseHours: 3 });
  assert.deepEqual(judgeLine(month, ours('a'.repeat(64)), over), { answer: 'confirmed' });
  assert.deepEqual(judgeLine(month, ours('b'.repeat(64)), over), {
    answer: 'disputed',
    reason: `Our evidence is another (${'b'.repeat(16)}): 3 hours.`,
  });
  for (const older of [ours(null), known]) {
    assert.deepEqual(judgeLine(month, older, over), { answer: 'confirmed' });
  }
  assert.deepEqual(judgeLine(line, ours('b'.repeat(64)), over), { answer: 'confirmed' });
});

test('what the operator disputes is disputed at once, whatever the book says', () => {
  const disputed = { ...known, disputeReason: 'Never ordered.' };
  for (const when of [over, early]) {
    assert.deepEqual(judgeLine(line, disputed, when), { answer: 'disputed', reason: 'Never ordered.' });
  }
});

test('what differs or is not known is disputed with the reason, and may be on its way before', () => {
  const other = { ...known, amount: 119_500n };
  assert.deepEqual(judgeLine(line, other, over), { answer: 'disputed', reason: 'Our book has ¥119.5.' });
  for (const unknown of [undefined, { ...known, amount: null }]) {
    assert.deepEqual(judgeLine(line, unknown, over), {
      answer: 'disputed',
      reason: 'Our book has no such event.',
    });
    assert.equal(judgeLine(line, unknown, early), undefined);
  }
});
