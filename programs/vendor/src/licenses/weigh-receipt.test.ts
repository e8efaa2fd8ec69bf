import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Receipt } from './fetch-receipt.ts';
import type { Evidence } from './license.ts';
import { type WeighedLicense, weighReceipt } from './weigh-receipt.ts';

const own = { registrationId: 'own', reentries: 0 };
const license: WeighedLicense = {
  state: 'licensed',
  suspendedFor: null,
  suspendedReentries: null,
  pointsMilliMin: 0n,
};
const suspended: WeighedLicense = {
  ...license,
  state: 'suspended',
  suspendedFor: 'own',
  suspendedReentries: 0,
};
const says = (reentries: number, state: Evidence['state'] = 'computing'): Receipt => ({
  kind: 'evidence',
  evidence: {
    committedMilli: 5n,
    finalMilli: 0n,
    forfeitedMilli: 0n,
    state,
    issuedAt: new Date(0),
    reentries,
  },
});
const doubt: Receipt = { kind: 'revoked', isFinal: false };
const lie: Receipt = { kind: 'revoked', isFinal: true };

test('the contractor’s first word suspends, its last one revokes', () => {
  const weighed = weighReceipt(license, own, doubt);
  assert.deepEqual([weighed.state, weighed.reason?.code], ['suspended', 'suspended']);
  assert.deepEqual(weighed.suspension, own);
  for (const before of [license, suspended]) {
    const { state, reason, suspension } = weighReceipt(before, own, lie);
    assert.deepEqual([state, reason?.code, suspension], ['revoked', 'revoked', undefined]);
  }
});

test('one re-entry more than was known lifts a suspension, and the evidence decides then', () => {
  assert.equal(weighReceipt(suspended, own, says(1)).state, 'licensed');
  const unseen = weighReceipt(suspended, own, says(1, 'absent'));
  assert.deepEqual([unseen.state, unseen.reason?.code], ['not-computing', 'agent-not-seen']);
});

test('a receipt of before the suspension lifts nothing, however well it speaks', () => {
  const again = { ...suspended, suspendedReentries: 1 };
  for (const [before, receipt] of [
    [suspended, says(0)],
    [again, says(1)],
  ] as const) {
    const { state, reason, suspension } = weighReceipt(before, own, receipt);
    assert.deepEqual([state, reason?.code], ['suspended', 'suspended']);
    assert.deepEqual(suspension, { registrationId: 'own', reentries: before.suspendedReentries });
  }
});

test('another terminal of the license neither lifts a suspension nor takes it over', () => {
  const other = { registrationId: 'other', reentries: 0 };
  for (const receipt of [says(1), doubt]) {
    const { state, suspension } = weighReceipt(suspended, other, receipt);
    assert.deepEqual([state, suspension], ['suspended', own]);
  }
});

test('a license that a version of before revoked is lifted by whichever terminal was let in again', () => {
  const old = { ...suspended, suspendedFor: null, suspendedReentries: null };
  assert.deepEqual(weighReceipt(old, own, says(0)).suspension, undefined);
  assert.equal(weighReceipt(old, own, says(0)).state, 'suspended');
  assert.equal(weighReceipt(old, own, says(1)).state, 'licensed');
  assert.deepEqual(weighReceipt(old, own, doubt).suspension, own);
  assert.equal(weighReceipt(old, own, lie).state, 'revoked');
});

test('a final revocation stays one, whatever a receipt says', () => {
  for (const receipt of [says(2), doubt, lie]) {
    assert.equal(weighReceipt({ ...license, state: 'revoked' }, own, receipt).state, 'revoked');
  }
});
