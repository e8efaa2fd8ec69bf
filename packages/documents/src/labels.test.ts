import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventText, matchText } from './labels.ts';

test('a Japanese statement says in Japanese what an event is, how it stands and why', () => {
  const ja = { locale: 'ja', theirs: '¥499' } as const;
  assert.equal(eventText('refund', 'ja'), 'ポイント値引の返金');
  assert.deepEqual(matchText({ state: 'matched' }, ja), { text: '一致' });
  assert.deepEqual(matchText({ state: 'amount-differs', reason: 'Our book has ¥501.' }, ja), {
    text: '金額相違',
    below: '相手方の金額は ¥499 です。',
  });
});

test('an English one says it as the books do, and what is not known stays as it is', () => {
  const en = { locale: 'en', theirs: '¥499' } as const;
  assert.equal(eventText('license fee', 'en'), 'license fee');
  assert.equal(eventText('something new', 'ja'), 'something new');
  assert.deepEqual(matchText({ state: 'missing-theirs', reason: 'They do not have it.' }, en), {
    text: 'missing theirs',
    below: 'They do not have it.',
  });
  assert.deepEqual(matchText({ state: 'novel', reason: 'x' }, { ...en, locale: 'ja' }), {
    text: 'novel',
    below: 'x',
  });
});
