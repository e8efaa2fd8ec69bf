import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { changeOf, type Gain, pointsAdded, pointsOfFuel } from './earnings.ts';

const rate = { perFuel: 10n ** 9n, pointsMilli: 500n };
const use = 'spend';
const fuels = fc.array(fc.bigInt(0n, 10n ** 10n), { maxLength: 30 });

test('batches earn what their sum earns, however it is cut', () => {
  fc.assert(
    fc.property(fuels, (added) => {
      let before = 0n;
      let earned = 0n;
      for (const fuel of added) {
        earned += pointsAdded({ before, added: fuel }, rate);
        before += fuel;
      }
      assert.equal(earned, pointsOfFuel(before, rate));
    }),
  );
});

test('escrow is never overdrawn: what is settled was committed', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ fuel: fc.bigInt(0n, 10n ** 8n), isFinal: fc.boolean() })), (results) => {
      const of = (chosen: typeof results) => chosen.reduce((sum, { fuel }) => sum + fuel, 0n);
      const gains: Gain[] = [
        { kind: 'committed', use, rate, before: 0n, added: of(results) },
        { kind: 'finalized', use, rate, before: 0n, added: of(results.filter(({ isFinal }) => isFinal)) },
        { kind: 'forfeited', use, rate, before: 0n, added: of(results.filter(({ isFinal }) => !isFinal)) },
      ];
      const { pending, final, forfeited } = changeOf(gains);
      assert.ok(pending >= final + forfeited);
      assert.ok(pending - final - forfeited <= 1n);
    }),
  );
});

const none = { pending: 0n, final: 0n, evidence: 0n, forfeited: 0n, recalled: 0n, evidenceRecalled: 0n };

test('accepted work is spendable at once and never pending', () => {
  const change = changeOf([{ kind: 'accepted', use, rate, before: 1n, added: 2_000_000_000n }]);
  assert.deepEqual(change, { ...none, pending: 1_000n, final: 1_000n });
});

test('work for a license becomes evidence and nothing that can be spent', () => {
  const fuel = { rate, before: 0n, added: 2_000_000_000n };
  const change = changeOf([
    { kind: 'accepted', use: 'evidence', ...fuel },
    { kind: 'recalled', use: 'evidence', ...fuel },
    { kind: 'recalled', use: 'spend', ...fuel },
  ]);
  assert.deepEqual(change, {
    ...none,
    pending: 1_000n,
    evidence: 1_000n,
    recalled: 1_000n,
    evidenceRecalled: 1_000n,
  });
});
