import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountCode, accountKind, CHARTS, commodityScale } from './account.ts';

test('every account of a chart is found by a code of its pattern', () => {
  for (const kind of Object.values(CHARTS).flat()) {
    const code = kind.pattern.replace('{month}', '2027-01').replace(/\{\w+\}/, 'id-1.x_2');
    assert.equal(accountKind(code).pattern, kind.pattern);
  }
});

test('an account that both charts have is the same kind in both', () => {
  const kinds = new Map<string, string>();
  for (const { pattern, side, bounded } of Object.values(CHARTS).flat()) {
    const kind = `${side} ${bounded}`;
    assert.equal(kinds.get(pattern) ?? kind, kind, pattern);
    kinds.set(pattern, kind);
  }
});

test('what may never be overdrawn is what others trust us to hold for them', () => {
  const bounded = CHARTS.contractor.filter((kind) => kind.bounded).map((kind) => kind.pattern);
  assert.deepEqual(bounded, [
    'deposit:customer:{customer}',
    'credit-limit:customer:{customer}',
    'payable:vendor:{vendor}:accrued',
    'payable:vendor:{vendor}:invoiced',
    'payable:vendor:{vendor}:disputed',
    'provision:points',
    'points:member:{member}:{month}',
    'points:escrow:{member}',
    'points:evidence:{member}',
  ]);
});

test('an account that no chart has is refused', () => {
  for (const code of [
    '',
    'deposit',
    'deposit:customer:',
    'deposit:customer:a:b',
    'points:member:m:2027',
    'cash:x',
    'petty',
  ]) {
    assert.throws(() => accountKind(code), /No chart/, code);
  }
  assert.equal(accountKind(accountCode.pointsOfMember('m', '2027-01')).bounded, true);
});

test('points and money have their own scales', () => {
  assert.deepEqual(['PTS', 'JPY', 'EUR'].map(commodityScale), [3, 3, 5]);
});
