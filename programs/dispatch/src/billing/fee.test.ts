import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysOf, type FeeRequest, feeRefusal } from './fee.ts';

const due: FeeRequest = {
  month: '2026-11',
  registeredAt: new Date('2026-11-30T23:59:59Z'),
  endedAt: null,
  unitsInMonth: 1n,
  pointsMilli: 0n,
  leaseHours: 0,
  minimum: { pointsMilli: 0n, leaseHours: 0 },
  wasClaimed: false,
};

test('a fee by the month is due once, for a month in force with work', () => {
  assert.equal(feeRefusal(due), undefined);
  assert.equal(feeRefusal({ ...due, wasClaimed: true }), 'fee-claimed-before');
  assert.equal(feeRefusal({ ...due, unitsInMonth: 0n }), 'fee-without-work');
  assert.equal(feeRefusal({ ...due, registeredAt: new Date('2026-12-01T00:00:00Z') }), 'fee-not-registered');
  assert.equal(feeRefusal({ ...due, endedAt: new Date('2026-11-01T00:00:00Z') }), undefined);
  assert.equal(feeRefusal({ ...due, endedAt: new Date('2026-10-31T23:59:59Z') }), 'fee-not-registered');
});

test('where the contract has a minimum, a fee is due from so many points and hours on', () => {
  const month = { ...due, minimum: { pointsMilli: 20_000n, leaseHours: 10 } };
  assert.equal(feeRefusal({ ...month, pointsMilli: 20_000n, leaseHours: 10 }), undefined);
  assert.equal(feeRefusal({ ...month, pointsMilli: 19_999n, leaseHours: 10 }), 'fee-below-minimum');
  assert.equal(feeRefusal({ ...month, pointsMilli: 20_000n, leaseHours: 9 }), 'fee-below-minimum');
});

test('a fee by the registration is due once, with or without work', () => {
  const once = { ...due, month: undefined, unitsInMonth: 0n };
  assert.equal(feeRefusal(once), undefined);
  assert.equal(feeRefusal({ ...once, wasClaimed: true }), 'fee-claimed-before');
});

test('a month is its days in UTC', () => {
  assert.deepEqual(daysOf('2026-12'), { from: '2026-12-01', before: '2027-01-01' });
  assert.deepEqual(daysOf('2028-02'), { from: '2028-02-01', before: '2028-03-01' });
});
