import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accountKind } from './account.ts';
import * as contractor from './events.ts';
import { assertBalanced, type Posting, signedAmount } from './journal.ts';
import * as vendor from './vendor-events.ts';

const JPY = 'JPY';
const parts = [
  { account: 'points:member:m:2027-01', amount: 30n },
  { account: 'points:member:m:2027-02', amount: 70n },
];

const examples: Record<string, Posting[]> = {
  pointsPending: contractor.pointsPending({ member: 'm', points: 100n }),
  pointsFinal: contractor.pointsFinal({
    member: 'm',
    month: '2027-01',
    points: 100n,
    currency: JPY,
    debtRepaid: 40n,
  }),
  pointsServed: contractor.pointsServed({ member: 'm', points: 100n }),
  evidenceClawedBack: contractor.evidenceClawedBack({ member: 'm', points: 100n }),
  pointsForfeited: contractor.pointsForfeited({ member: 'm', points: 100n }),
  pointsClawedBack: contractor.pointsClawedBack({
    member: 'm',
    fromBuckets: parts,
    debt: 20n,
    currency: 'EUR',
  }),
  pointsExpired: contractor.pointsExpired({ member: 'm', month: '2027-01', points: 100n, currency: JPY }),
  checkoutCaptured: contractor.checkoutCaptured({ vendor: 'v', parts, currency: JPY }),
  customerToppedUp: contractor.customerToppedUp({ customer: 'c', amount: 100n, currency: JPY }),
  creditGranted: contractor.creditGranted({ customer: 'c', amount: 100n, currency: JPY }),
  creditWithdrawn: contractor.creditWithdrawn({ customer: 'c', amount: 100n, currency: JPY }),
  depositReturned: contractor.depositReturned({ customer: 'c', amount: 100n, currency: JPY }),
  jobInvoiced: contractor.jobInvoiced({ customer: 'c', net: 100n, tax: 10n, currency: JPY }),
  jobFromDeposit: contractor.jobInvoicedFromHold({
    customer: 'c',
    net: 100n,
    tax: 10n,
    currency: JPY,
    fromDeposit: 110n,
  }),
  jobFromCredit: contractor.jobInvoicedFromHold({
    customer: 'c',
    net: 100n,
    tax: 0n,
    currency: JPY,
    fromDeposit: 0n,
  }),
  jobFromBoth: contractor.jobInvoicedFromHold({
    customer: 'c',
    net: 100n,
    tax: 10n,
    currency: JPY,
    fromDeposit: 30n,
  }),
  customerCredited: contractor.customerCredited({
    customer: 'c',
    net: 100n,
    tax: 10n,
    currency: JPY,
    toDeposit: 30n,
  }),
  customerPaid: contractor.customerPaid({ customer: 'c', amount: 100n, currency: JPY }),
  licenseFeeAccrued: contractor.licenseFeeAccrued({ vendor: 'v', net: 100n, tax: 10n, currency: JPY }),
  vendorInvoiceMatched: contractor.vendorInvoiceMatched({ vendor: 'v', amount: 100n, currency: JPY }),
  vendorPaid: contractor.vendorPaid({ vendor: 'v', amount: 100n, currency: JPY }),
  licenseFeeEarned: vendor.licenseFeeEarned({ net: 100n, tax: 10n, currency: JPY }),
  orderCompleted: vendor.orderCompleted({ member: 'm', price: 110n, tax: 10n, discount: 60n, currency: JPY }),
  memberPaid: vendor.memberPaid({ member: 'm', amount: 50n, currency: JPY }),
  memberPaidBack: vendor.memberPaidBack({ member: 'm', amount: 50n, currency: JPY }),
  contractorPaid: vendor.contractorPaid({ amount: 100n, currency: JPY }),
};

for (const [event, postings] of Object.entries(examples)) {
  test(`${event} balances, on accounts of the chart`, () => {
    assertBalanced(postings);
    for (const posting of postings) accountKind(posting.account);
  });
}

test('the provision grows and shrinks by exactly the worth of the points that members hold', () => {
  for (const postings of Object.values(examples)) {
    const points = -sumOf(postings, 'points:member:', 'PTS');
    assert.equal(
      -sumOf(postings, 'provision:points', JPY) - sumOf(postings, 'provision:points', 'EUR') / 100n,
      points,
    );
  }
});

test('what the contractor owes a vendor is what the vendor expects', () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 10n ** 9n), fc.bigInt(0n, 10n ** 9n), (net, tax) => {
      const owed = contractor.licenseFeeAccrued({ vendor: 'v', net, tax, currency: JPY });
      const expected = vendor.licenseFeeEarned({ net, tax, currency: JPY });
      return -sumOf(owed, 'payable:vendor:', JPY) === sumOf(expected, 'receivable:contractor', JPY);
    }),
  );
  const owed = contractor.checkoutCaptured({ vendor: 'v', parts, currency: JPY });
  const expected = vendor.orderCompleted({
    member: 'm',
    price: 500n,
    tax: 45n,
    discount: 100n,
    currency: JPY,
  });
  assert.equal(-sumOf(owed, 'payable:vendor:', JPY), sumOf(expected, 'receivable:contractor', JPY));
});

test('an order that points pay in full leaves the member nothing to pay', () => {
  const postings = vendor.orderCompleted({
    member: 'm',
    price: 110n,
    tax: 10n,
    discount: 110n,
    currency: JPY,
  });
  assert.equal(sumOf(postings, 'receivable:member:', JPY), 0n);
  assert.throws(
    () => vendor.orderCompleted({ member: 'm', price: 10n, tax: 0n, discount: 11n, currency: JPY }),
    RangeError,
  );
});

function sumOf(postings: readonly Posting[], prefix: string, commodity: string): bigint {
  return postings
    .filter((posting) => posting.account.startsWith(prefix) && posting.commodity === commodity)
    .reduce((sum, posting) => sum + signedAmount(posting), 0n);
}
