import { type AccountKind, CHARTS, commodityScale } from '../src/account.ts';
import { claimsAnswered, disputeWithdrawn, feeDropped, feeGivenUp } from '../src/dispute-events.ts';
import * as events from '../src/events.ts';
import type { Posting } from '../src/journal.ts';
import { decimalText } from '../src/money.ts';
import * as refundEvents from '../src/refund-events.ts';
import { claimTotalEarned, claimTotalOwed } from '../src/total-events.ts';
import * as vendorEvents from '../src/vendor-events.ts';

export const ledgerDocumentFile = new URL('../../../docs/LEDGER.md', import.meta.url);

const yen = (amount: bigint) => amount * 1000n;
const terms = { currency: 'JPY' };
const member = 'm';
const bucket = [{ account: 'points:member:m:2027-11', amount: yen(500n) }];
const invoice = { customer: '7', net: yen(1000n), tax: yen(100n), ...terms };

/** What is booked for each event, with amounts of a small example; by the functions that the servers call. */
const contractorEvents: readonly (readonly [string, readonly Posting[]])[] = [
  ['A unit was committed by a terminal', events.pointsPending({ member, points: yen(500n) })],
  ['Its result is final', events.pointsFinal({ member, month: '2027-11', points: yen(500n), ...terms })],
  ['… for a member who works for a license', events.pointsServed({ member, points: yen(500n) })],
  ['The result was found wrong while in escrow', events.pointsForfeited({ member, points: yen(500n) })],
  [
    '… found wrong later, 200 points being spent',
    events.pointsClawedBack({
      member,
      fromBuckets: [{ account: 'points:member:m:2027-11', amount: yen(300n) }],
      debt: yen(200n),
      ...terms,
    }),
  ],
  ['A checkout took points', events.checkoutCaptured({ vendor: '3', parts: bucket, ...terms })],
  [
    'The order was refunded in full',
    refundEvents.pointsRefunded({ member, vendor: '3', parts: bucket, debtRepaid: 0n, ...terms }),
  ],
  [
    '… to a member who owed 200 points',
    refundEvents.pointsRefunded({
      member,
      vendor: '3',
      parts: [{ account: 'points:member:m:2027-11', amount: yen(300n) }],
      debtRepaid: yen(200n),
      ...terms,
    }),
  ],
  [
    'A hold on 300 points of a member who owed 200 was released',
    events.debtSettled({
      member,
      fromBuckets: [{ account: 'points:member:m:2027-11', amount: yen(200n) }],
      ...terms,
    }),
  ],
  ['Points expired', events.pointsExpired({ member, month: '2027-11', points: yen(500n), ...terms })],
  ['A customer topped up', events.customerToppedUp({ customer: '7', amount: yen(5000n), ...terms })],
  [
    'A customer was given credit (a memo)',
    events.creditGranted({ customer: '7', amount: yen(5000n), ...terms }),
  ],
  [
    'A job is done, paid from the deposit',
    events.jobInvoicedFromHold({ ...invoice, fromDeposit: yen(1100n) }),
  ],
  ['A job is done, on credit', events.jobInvoicedFromHold({ ...invoice, fromDeposit: 0n })],
  ['A customer paid what it owed', events.customerPaid({ customer: '7', amount: yen(1100n), ...terms })],
  ['A paid invoice was credited in full', events.customerCredited({ ...invoice, toDeposit: yen(1100n) })],
  ['A license fee is due', events.licenseFeeAccrued({ vendor: '3', net: yen(300n), tax: 0n, ...terms })],
  [
    'A vendor confirmed 500 and disputed 300 of its claim',
    claimsAnswered({ vendor: '3', confirmed: yen(500n), disputed: yen(300n), ...terms }),
  ],
  [
    'A vendor confirmed a claim of 800, and refunds of 500 on it',
    [
      ...claimsAnswered({ vendor: '3', confirmed: yen(800n), disputed: 0n, ...terms }),
      ...refundEvents.refundsAnswered({ vendor: '3', confirmed: yen(500n), disputed: 0n, ...terms }),
      ...refundEvents.refundsSetOff({ vendor: '3', amount: yen(500n), ...terms }),
    ],
  ],
  [
    'Its total has 30 of tax, and half a coin of rounding',
    claimTotalOwed({ vendor: '3', tax: yen(30n), rounding: 500n, ...terms }),
  ],
  ['The dispute ended: the amount stands', disputeWithdrawn({ vendor: '3', amount: yen(300n), ...terms })],
  ['The dispute ended: the fee is not owed', feeDropped({ vendor: '3', amount: yen(300n), ...terms })],
  ['A vendor was paid', events.vendorPaid({ vendor: '3', amount: yen(500n), ...terms })],
];

/** Orders and their refunds are booked without tax (decision 62), license fees too until a claim's total says theirs. */
const vendorBookEvents: readonly (readonly [string, readonly Posting[]])[] = [
  ['A license fee was earned', vendorEvents.licenseFeeEarned({ net: yen(300n), tax: 0n, ...terms })],
  [
    'An order of 1,100 was completed with 500 points',
    vendorEvents.orderCompleted({ member, price: yen(1100n), tax: 0n, discount: yen(500n), ...terms }),
  ],
  [
    'The order was refunded in full',
    refundEvents.orderRefunded({ member, amount: yen(1100n), tax: 0n, discount: yen(500n), ...terms }),
  ],
  ['The member paid the rest', vendorEvents.memberPaid({ member, amount: yen(600n), ...terms })],
  [
    'The member was paid back for the refunded order',
    vendorEvents.memberPaidBack({ member, amount: yen(600n), ...terms }),
  ],
  [
    'A claim’s total has 30 of tax, and half a coin of rounding',
    claimTotalEarned({ tax: yen(30n), rounding: 500n, ...terms }),
  ],
  ['A fee was given up after a dispute', feeGivenUp({ amount: yen(300n), ...terms })],
  ['The contractor paid', vendorEvents.contractorPaid({ amount: yen(500n), ...terms })],
];

/** The parts of docs/LEDGER.md that follow from the code, by the name of their marker. */
export function generatedParts(): Readonly<Record<string, string>> {
  return {
    'contractor chart': chartText(CHARTS.contractor),
    'vendor chart': chartText(CHARTS.vendor),
    'contractor postings': postingsText(contractorEvents),
    'vendor postings': postingsText(vendorBookEvents),
  };
}

/** The document with its generated parts written anew. Throws where a marker is missing. */
export function withGeneratedParts(document: string): string {
  return Object.entries(generatedParts()).reduce((text, [name, part]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from === -1 || to < from) throw new Error(`docs/LEDGER.md has no part "${name}".`);
    return `${text.slice(0, from + begin.length)}\n${part}\n${text.slice(to)}`;
  }, document);
}

function chartText(chart: readonly AccountKind[]): string {
  const rows = chart.map(
    ({ pattern, side, bounded, meaning }) =>
      `| \`${pattern}\` | ${side} | ${bounded ? 'never overdrawn' : ''} | ${meaning} |`,
  );
  return ['| account | grows on | bound | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function postingsText(table: readonly (readonly [string, readonly Posting[]])[]): string {
  const pictures = table.map(([title, postings]) => tAccount(title, postings));
  return `\`\`\`text\n${pictures.join('\n\n')}\n\`\`\``;
}

function tAccount(title: string, postings: readonly Posting[]): string {
  const rows = postings.map(({ account, commodity, side, amount }) => {
    const text = `${decimalText(amount, commodityScale(commodity)).replace(/\.000$/, '')} ${commodity}`;
    const [debit, credit] = side === 'debit' ? [text, ''] : ['', text];
    return `  ${account.padEnd(30)}${debit.padStart(10)} | ${credit.padStart(10)}`.trimEnd();
  });
  return [title, ...rows].join('\n');
}
