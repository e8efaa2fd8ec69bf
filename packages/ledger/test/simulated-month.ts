/**
 * A month of business in the contractor's book and each vendor's own: jobs, points, checkouts, license fees, payments and
 * corrections, by the same functions as in the servers. What happens is drawn from a seed; journals that nobody waits for
 * are written in batches.
 */
import type { Sql, Transaction } from '@taika/database/connect';
import { accountCode } from '../src/account.ts';
import { balancesUnder } from '../src/balance.ts';
import type { CommandHeader } from '../src/command.ts';
import { nextDocumentNumber } from '../src/document-number.ts';
import * as events from '../src/events.ts';
import { placeHold } from '../src/place-hold.ts';
import { expiryMonth, POINTS } from '../src/points.ts';
import { type PostCommand, postMany } from '../src/post.ts';
import { captureHold, releaseHold } from '../src/resolve-hold.ts';
import { taxOn } from '../src/tax.ts';
import { contractorPaid, licenseFeeEarned, orderCompleted } from '../src/vendor-events.ts';

/** One company's book. */
export interface Book {
  readonly sql: Sql;
  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}

/** Who takes part, and how much they do. */
export interface Business {
  readonly month: string;
  readonly customers: number;
  readonly jobsEach: number;
  readonly members: number;
  /** Of a hundred members, those that check out with points. */
  readonly checkoutsPercent: number;
  readonly vendors: readonly Book[];
  /** The most that each job may cost. */
  readonly prices: readonly bigint[];
}

/** Prices of so many jobs, in whole yen, drawn from a seed: the numbers of Park and Miller's generator. */
export function drawPrices(jobs: number, seed: number): bigint[] {
  let state = BigInt(seed) % 2_147_483_646n;
  return range(jobs).map(() => {
    state = ((state + 1n) * 48_271n) % 2_147_483_647n;
    return (1n + (state % 9_000n)) * 1_000n;
  });
}

const currency = 'JPY';
const taxBasisPoints = 1_000;
const batchMax = 1_000;
const writers = 4;

/** Lets the month happen. */
export async function simulateMonth(contractor: Book, business: Business): Promise<void> {
  await fundCustomers(contractor, business);
  await inParallel(range(business.customers * business.jobsEach), (job) => runJob(contractor, business, job));
  await earnPoints(contractor, business);
  await inParallel(range(business.members), (member) => checkOut(contractor, business, member));
  await earnFees(contractor, business);
  await settle(contractor, business);
}

/** A header for an event of the month, on a day that follows from its number. */
function header({ month }: Business, key: string, number = 0): CommandHeader {
  const day = String(1 + (number % 28)).padStart(2, '0');
  return {
    idempotencyKey: key,
    event: 'simulated',
    command: { key },
    at: new Date(`${month}-${day}T12:00:00Z`),
  };
}

async function fundCustomers(contractor: Book, business: Business): Promise<void> {
  await postAll(
    contractor,
    range(business.customers).flatMap((number): PostCommand[] => {
      const customer = String(number);
      const money = { customer, amount: 20_000_000n, currency };
      return [
        { ...header(business, `deposit:${number}`), postings: events.customerToppedUp(money) },
        { ...header(business, `credit:${number}`), postings: events.creditGranted(money) },
      ];
    }),
  );
}

/** Accepted, and then invoiced within its hold, or released: cancelled, or nothing to invoice. */
async function runJob(contractor: Book, business: Business, job: number): Promise<void> {
  const number = job % business.customers;
  const customer = String(number);
  const amount = business.prices[job] ?? 1_000n;
  const held = await contractor.run((tx) =>
    placeHold(tx, {
      ...header(business, `job:${job}:accept`, job),
      from: [accountCode.deposit(customer), accountCode.creditLimit(customer)],
      commodity: currency,
      amount,
    }),
  );
  if (held.kind !== 'held') return;
  const { holdId } = held;
  const net = (amount * 8n) / 10n - (((amount * 8n) / 10n) % 1_000n);
  // Of a job of one yen nothing is left to invoice, and its hold is given up as the dispatch server does.
  if (job % 11 === 0 || net === 0n) {
    const release = { ...header(business, `job:${job}:release`, job), holdId };
    await contractor.run((tx) => releaseHold(tx, release));
    return;
  }
  const tax = taxOn(net, taxBasisPoints);
  const deposit = held.parts.find(({ account }) => account === accountCode.deposit(customer))?.amount ?? 0n;
  const fromDeposit = deposit < net + tax ? deposit : net + tax;
  await contractor.run(async (tx) => {
    const captured = await captureHold(tx, {
      ...header(business, `job:${job}:invoice`, job),
      holdId,
      postings: events.jobInvoicedFromHold({ customer, net, tax, currency, fromDeposit }),
    });
    if (captured.kind === 'posted' && !captured.replayed)
      await nextDocumentNumber(tx, { issuer: 'contractor', series: 'INV', year: 2026 });
  });
}

/** Most of what is earned becomes final, some is found wrong in time, some later. */
async function earnPoints(contractor: Book, business: Business): Promise<void> {
  const at = header(business, '').at;
  const month = expiryMonth(at, 12);
  const points = (number: number) => BigInt(1_000 + (number % 50) * 100);
  const kinds: [string, (number: number) => PostCommand['postings']][] = [
    ['pending', (number) => events.pointsPending({ member: String(number), points: points(number) })],
    [
      'final',
      (number) =>
        number % 20 === 0
          ? events.pointsForfeited({ member: String(number), points: points(number) })
          : number % 3 === 0
            ? events.pointsServed({ member: String(number), points: points(number) })
            : events.pointsFinal({ member: String(number), month, points: points(number), currency }),
    ],
    [
      'late',
      (number) => {
        const member = String(number);
        const fromBuckets = [{ account: accountCode.pointsOfMember(member, month), amount: 500n }];
        return number % 61 === 1 && number % 3 !== 0 && number % 20 !== 0
          ? events.pointsClawedBack({ member, fromBuckets, debt: 0n, currency })
          : [];
      },
    ],
  ];
  for (const [kind, postingsOf] of kinds) {
    await postAll(
      contractor,
      range(business.members).flatMap((number): PostCommand[] => {
        const postings = postingsOf(number);
        return postings.length === 0
          ? []
          : [{ ...header(business, `points:${kind}:${number}`, number), postings }];
      }),
    );
  }
}

/** Held, captured in the contractor's book, and completed in the vendor's. */
async function checkOut(contractor: Book, business: Business, number: number): Promise<void> {
  if (number % 100 >= business.checkoutsPercent) return;
  const member = String(number);
  const buckets = await balancesUnder(contractor.sql, accountCode.pointsOfMember(member, ''));
  const available = buckets.reduce((sum, bucket) => sum + bucket.available, 0n);
  if (available < 1_000n) return;
  const order = `order:${number}`;
  const held = await contractor.run((tx) =>
    placeHold(tx, {
      ...header(business, `${order}:hold`, number),
      from: buckets.map(({ account }) => account),
      commodity: POINTS,
      amount: available - (available % 1_000n),
    }),
  );
  if (held.kind !== 'held') return;
  const vendor = number % business.vendors.length;
  const { holdId, parts } = held;
  await contractor.run((tx) =>
    captureHold(tx, {
      ...header(business, `${order}:capture`, number),
      holdId,
      postings: events.checkoutCaptured({ vendor: String(vendor), parts, currency }),
    }),
  );
  const discount = parts.reduce((sum, part) => sum + part.amount, 0n);
  const price = discount + 50_000n;
  await postAll(business.vendors[vendor], [
    {
      ...header(business, `${order}:complete`, number),
      postings: orderCompleted({ member, price, tax: 0n, discount, currency }),
    },
  ]);
}

/** A fee for each vendor's licenses, in both books. */
async function earnFees(contractor: Book, business: Business): Promise<void> {
  const { vendors, members } = business;
  const licenses = range(Math.ceil(members / 10));
  const fee = { net: 300_000n, tax: 30_000n, currency };
  await postAll(
    contractor,
    licenses.map((number) => ({
      ...header(business, `license-month:${number}`, number),
      postings: events.licenseFeeAccrued({ vendor: String(number % vendors.length), ...fee }),
    })),
  );
  for (const [vendor, book] of vendors.entries()) {
    await postAll(
      book,
      licenses
        .filter((number) => number % vendors.length === vendor)
        .map((number) => ({
          ...header(business, `license-month:${number}`, number),
          postings: licenseFeeEarned(fee),
        })),
    );
  }
}

/** Half of the vendors are paid, customers pay half of what they owe, and one in ten gets a credit note. */
async function settle(contractor: Book, business: Business): Promise<void> {
  const owed = await balancesUnder(contractor.sql, 'receivable:customer:');
  await postAll(
    contractor,
    owed.flatMap(({ account, posted }, index): PostCommand[] => {
      const customer = account.split(':')[2] ?? '';
      const amount = posted / 2n - ((posted / 2n) % 1_000n);
      const credited = { customer, net: 1_000n, tax: 100n, currency, toDeposit: 1_100n };
      return [
        {
          ...header(business, `paid:${customer}`, 27),
          postings: events.customerPaid({ customer, amount, currency }),
        },
        ...(index % 10 === 0
          ? [
              {
                ...header(business, `credit-note:${customer}`, 27),
                postings: events.customerCredited(credited),
              },
            ]
          : []),
      ].filter(({ postings }) => postings.length > 0);
    }),
  );
  for (const [vendor, book] of business.vendors.entries()) {
    if (vendor % 2 === 1) continue;
    const account = accountCode.payableToVendor(String(vendor), 'accrued');
    const amount = (await balancesUnder(contractor.sql, account))[0]?.posted ?? 0n;
    if (amount === 0n) continue;
    const payment = { vendor: String(vendor), amount, currency };
    await postAll(contractor, [
      { ...header(business, `matched:${vendor}`, 27), postings: events.vendorInvoiceMatched(payment) },
      { ...header(business, `vendor-paid:${vendor}`, 27), postings: events.vendorPaid(payment) },
    ]);
    await postAll(book, [{ ...header(business, 'paid', 27), postings: contractorPaid(payment) }]);
  }
}

/** Posts in batches, some at the same time. */
async function postAll(book: Book | undefined, commands: readonly PostCommand[]): Promise<void> {
  if (book === undefined) throw new Error('There is such a vendor.');
  const batches = range(Math.ceil(commands.length / batchMax)).map((at) =>
    commands.slice(at * batchMax, (at + 1) * batchMax),
  );
  await inParallel(batches, async (batch) => {
    for (const outcome of await book.run((tx) => postMany(tx, batch))) {
      if (outcome.kind !== 'posted')
        throw new Error(`A simulated event was refused: ${JSON.stringify(outcome, text)}`);
    }
  });
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items].reverse();
  const worker = async () => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) await work(next);
  };
  await Promise.all(range(writers).map(worker));
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

function text(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
