import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contractOf, type LicenseFeeRule } from './contract.ts';

const rule = (kind: LicenseFeeRule['kind'], amountMilli: string): LicenseFeeRule => ({
  kind,
  fee: { currency: 'JPY', amountMilli },
});
const general = rule('per-registration', '1');
const monthly = rule('per-license-month', '300');
const dearer = rule('per-license-month', '900');
const told = (contract: ReturnType<typeof contractOf>, product: string) =>
  contract(product).map(({ fromMonth, beforeMonth, rule: { fee } }) => [
    fromMonth,
    beforeMonth,
    fee.amountMilli,
  ]);

test('each rule of a product counts until the next one does', () => {
  const productTerms = [
    { product: 'editor', from: '2026-03', ...monthly },
    { product: 'player', ...monthly },
    { product: 'editor', from: '2026-05', ...dearer },
  ];
  const contract = contractOf({
    licenseFee: general,
    productFees: [{ product: 'editor', ...dearer }],
    productTerms,
  });
  assert.deepEqual(told(contract, 'editor'), [
    ['0000-01', '2026-03', '1'],
    ['2026-03', '2026-05', '300'],
    ['2026-05', null, '900'],
  ]);
  assert.deepEqual(told(contract, 'player'), [['0000-01', null, '300']]);
  assert.deepEqual(told(contract, 'painter'), [['0000-01', null, '1']]);
});

test('an older contractor’s rules count for all months', () => {
  const contract = contractOf({ licenseFee: general, productFees: [{ product: 'editor', ...dearer }] });
  assert.deepEqual(told(contract, 'editor'), [['0000-01', null, '900']]);
});
