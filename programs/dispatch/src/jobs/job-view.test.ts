import assert from 'node:assert/strict';
import { test } from 'node:test';
import { taxOn } from '@taika/ledger/tax';
import { reason } from '@taika/protocol/reasons';
import fc from 'fast-check';
import { priceNow, reasonNow, withoutData } from './job-view.ts';

const running = {
  workState: 'running',
  reasonCode: 'computing',
  isPaused: false,
  unitsOut: 0,
  terminalsAsking: false,
  copies: 1,
  nextUnit: 10,
  unitCount: 10,
  waitsForReference: false,
  referenceLimit: null,
} as const;

test('a running job says what it waits for', () => {
  assert.equal(reasonNow({ ...running, unitsOut: 3 }), 'computing');
  assert.equal(reasonNow(running), 'no-terminal');
  assert.equal(reasonNow({ ...running, terminalsAsking: true }), 'computing');
  assert.equal(reasonNow({ ...running, terminalsAsking: true, copies: 2 }), 'no-other-member');
  assert.equal(reasonNow({ ...running, terminalsAsking: true, copies: 2, nextUnit: 3 }), 'computing');
});

test('a job that waits for a reference executor says so while it is under way', () => {
  const waiting = { ...running, unitsOut: 1, waitsForReference: true };
  assert.equal(reasonNow(waiting), 'no-reference');
  assert.equal(reasonNow({ ...waiting, workState: 'provisional', reasonCode: 'checking' }), 'no-reference');
  assert.equal(reasonNow({ ...waiting, workState: 'failed', reasonCode: 'split-failed' }), 'split-failed');
});

test('a job of which the reference executor cannot compute a result says so while it is under way', () => {
  const held = { ...running, referenceLimit: 'too-large' } as const;
  assert.equal(reasonNow(held), 'reference-cannot');
  assert.equal(reasonNow({ ...held, workState: 'provisional', reasonCode: 'checking' }), 'reference-cannot');
  assert.equal(reasonNow({ ...held, waitsForReference: true }), 'no-reference', 'None is running at all.');
  assert.equal(reasonNow({ ...held, workState: 'done', reasonCode: 'done' }), 'done');
});

test('any other job says what happened to it', () => {
  assert.equal(reasonNow({ ...running, workState: 'failed', reasonCode: 'split-failed' }), 'split-failed');
});

test('a price so far is never beyond what the job may cost with tax, whatever was computed', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 15n }),
      fc.bigInt({ min: 1n, max: 10n ** 6n }),
      fc.integer({ min: 0, max: 3000 }),
      (fuel, maxCoins, taxBasisPoints) => {
        const maxPriceMilli = maxCoins * 1000n;
        const rate = { priceMilli: 450n, perFuel: 10n ** 9n, levelFactors: null, taxBasisPoints };
        const row = {
          fuel: String(fuel),
          state: 'running' as const,
          deliveredFuel: String(fuel / 2n),
          invoicedFuel: null,
          maxPriceMilli,
          wantedTrust: null,
          wantedCopies: null,
        };
        const price = priceNow(row, rate);
        // Rounded as an invoice is.
        const net = ((price + 500n) / 1000n) * 1000n;
        assert.ok(net + taxOn(net, taxBasisPoints) <= maxPriceMilli);
        assert.ok(price <= priceNow({ ...row, maxPriceMilli: null }, rate));
        // Without a result what was delivered is owed, however much was computed.
        for (const state of ['failed', 'cancelled'] as const) {
          const ended = { ...row, state };
          assert.equal(priceNow(ended, rate), priceNow({ ...row, fuel: row.deliveredFuel }, rate));
          assert.equal(priceNow({ ...ended, deliveredFuel: '0' }, rate), 0n);
        }
        // What a correction found later is never charged on top.
        const corrected = { ...row, fuel: String(2n * fuel), invoicedFuel: row.fuel };
        assert.equal(priceNow(corrected, rate), price);
      },
    ),
  );
});

test('a job whose data was deleted says so, and advises nothing that needs them', () => {
  for (const code of ['done', 'program-failed', 'rounds-cut'] as const) {
    const told = withoutData(reason(code), new Date('2026-06-02T23:00:00Z'));
    assert.equal(told.code, code);
    assert.match(told.sentence, /Its data was deleted on 2026-06-02\.$/);
    assert.equal(told.remedy, 'Submit the job again where you need its result.');
  }
});
