/** What a member owes for wrong results is settled before anything is spent or expires: by random sequences, against real PostgreSQL. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Caller } from '@taika/http/call';
import { accountCode } from '@taika/ledger/account';
import { debtSettled } from '@taika/ledger/events';
import { expiryMonth } from '@taika/ledger/points';
import { post } from '@taika/ledger/post';
import {
  capturePoints,
  holdPoints,
  readBooks,
  refundPoints,
  releasePoints,
} from '@taika/protocol/dispatch/money';
import type { HoldId, OrderId, RefundId } from '@taika/protocol/schema';
import fc from 'fast-check';
import { findAllDefects } from '../src/books/find-defects.ts';
import { expirePointsStep } from '../src/rewards/expire-points.ts';
import { journalPointsStep, pointsMonthsValid } from '../src/rewards/journal-points.ts';
import { expireHoldsStep } from '../src/rewards/release-points.ts';
import { settleStandingDebtsStep } from '../src/rewards/settle-debts.ts';
import {
  bearer,
  confirmOrder,
  enrolCustomer,
  enrolVendor,
  newId,
  refusalOf,
  registerTerminal,
  type TestTerminal,
  type TestVendor,
} from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { type Earned, readPointsOf, writeEntry, writeJob } from './support/work.ts';

const fuelOfPoint = 2_000_000_000n;
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

interface Held {
  readonly holdId: HoldId;
  readonly orderId: OrderId;
  readonly points: number;
}

describe('debts of points', () => {
  let dispatch: TestDispatch;
  let operator: Caller;
  let vendor: TestVendor;
  let jobNumber: bigint;
  before(async () => {
    dispatch = await startTestDispatch();
    operator = bearer(dispatch.url, dispatch.operatorKey);
    vendor = await enrolVendor(dispatch.url, operator);
    const { customerId } = await enrolCustomer(dispatch.url, operator);
    ({ jobNumber } = await writeJob(sql(), { customerId, fuel: 0n, state: 'running' }));
  });
  after(() => dispatch?.[Symbol.asyncDispose]());

  const sql = () => dispatch.server.context.sql;
  const noDefects = async () => assert.deepEqual(await findAllDefects(sql()), []);
  const later = (ms: number) => {
    const now = new Date(Date.now() + ms);
    return { ...dispatch.server.context, clock: { ...dispatch.server.context.clock, now: () => now } };
  };
  const soon = () => later(16 * 60_000);
  const nextYear = () => later(14 * 31 * 86_400_000);

  const member = async (points: number) => {
    const terminal = await registerTerminal(vendor, { product: 'shop', kind: 'service' });
    await earn(terminal, points);
    await journal();
    return terminal;
  };
  const earn = ({ terminalId }: TestTerminal, points: number, entry: Partial<Pick<Earned, 'kind'>> = {}) =>
    writeEntry(sql(), { terminalId, jobNumber, fuel: BigInt(points) * fuelOfPoint, ...entry });
  const recall = (terminal: TestTerminal, points: number) => earn(terminal, points, { kind: 'recalled' });
  const journal = async () => {
    while ((await journalPointsStep(dispatch.server.context)) === 'again');
  };
  const pointsOf = async ({ terminalId }: TestTerminal) => {
    const points = await readPointsOf(sql(), terminalId);
    return {
      available: Number(points.availableMilli) / 1000,
      held: Number(points.heldMilli) / 1000,
      spent: Number(points.spentMilli) / 1000,
      debt: Number(points.debtMilli) / 1000,
    };
  };
  const hold = async (
    { pseudonym }: TestTerminal,
    points: number,
    { holdId, orderId } = { holdId: newId<HoldId>(), orderId: newId<OrderId>() },
  ): Promise<Held> => {
    const body = { pseudonym, orderId, pointsMilli: `${points}000` };
    await vendor.caller.call(holdPoints, { params: { holdId }, body });
    return { holdId, orderId, points };
  };
  const capture = async (terminal: TestTerminal, { holdId, orderId, points }: Held) => {
    const order = { vendorId: vendor.vendorId, orderId, pointsMilli: `${points}000` };
    const confirmation = await confirmOrder(terminal, order);
    return vendor.caller.call(capturePoints, { params: { holdId }, body: { confirmation } });
  };
  const release = ({ holdId }: Held) => vendor.caller.call(releasePoints, { params: { holdId } });
  const refund = (orderId: OrderId, points: number) =>
    vendor.caller.call(refundPoints, {
      params: { refundId: newId<RefundId>() },
      body: { orderId, pointsMilli: `${points}000` },
    });
  const expireHolds = async () => {
    while ((await expireHoldsStep(soon())) === 'again');
  };
  const expirePoints = async () => {
    while ((await expirePointsStep(nextYear())) === 'again');
  };
  const booked = async (account: string) => {
    const { accounts } = await operator.call(readBooks);
    const found = accounts.find((each) => each.account === account);
    return Number(BigInt(found?.credit ?? 0) - BigInt(found?.debit ?? 0)) / 1000;
  };
  const short = async (call: Promise<unknown>) => assert.equal((await refusalOf(call)).code, 'points-short');

  const ways = {
    'its hold is released': release,
    'its hold expires': expireHolds,
  };
  for (const [how, free] of Object.entries(ways)) {
    test(`points that were taken back while a checkout held them settle the debt when ${how}`, async () => {
      const terminal = await member(500);
      const held = await hold(terminal, 500);
      await recall(terminal, 500);
      await journal();
      assert.deepEqual(await pointsOf(terminal), { available: 0, held: 500, spent: 0, debt: 500 });
      await free(held);
      await noDefects();
      assert.deepEqual(await pointsOf(terminal), { available: 0, held: 0, spent: 0, debt: 0 });
      await short(hold(terminal, 1));
      const breakage = await booked('income:breakage');
      await expirePoints();
      assert.equal(await booked('income:breakage'), breakage, 'Nothing is left to expire.');
      await noDefects();
    });
  }

  test('what a capture leaves of its hold settles the debt', async () => {
    const terminal = await member(10);
    const held = await hold(terminal, 10);
    await recall(terminal, 4);
    await journal();
    await capture(terminal, { ...held, points: 7 });
    assert.deepEqual(await pointsOf(terminal), { available: 0, held: 0, spent: 7, debt: 1 });
    await noDefects();
  });

  test('points that were taken back cannot be held, though the journal does not have it yet', async () => {
    const terminal = await member(10);
    await recall(terminal, 6);
    await short(hold(terminal, 5));
    assert.equal((await hold(terminal, 4)).points, 4);
    await noDefects();
  });

  test('a debt from before this release is named, settled before breakage, and by a loop of its own', async () => {
    const settledBy = {
      expiry: expirePoints,
      loop: async () => {
        while ((await settleStandingDebtsStep(dispatch.server.context)) === 'again');
      },
    };
    for (const [name, settle] of Object.entries(settledBy)) {
      const terminal = await member(5);
      const breakage = await booked('income:breakage');
      // The other way round: three points that were owed come back as points.
      const [row] = await sql()<{ memberNumber: bigint }[]>`
        select member_number from terminal where id = ${terminal.terminalId}
      `;
      const owing = String(row!.memberNumber);
      const account = accountCode.pointsOfMember(owing, expiryMonth(new Date(), pointsMonthsValid));
      const postings = debtSettled({
        member: owing,
        fromBuckets: [{ account, amount: 3_000n }],
        currency: 'JPY',
      });
      await sql().begin((tx) =>
        post(tx, {
          idempotencyKey: `test:${newId()}`,
          event: 'debt-settled',
          command: {},
          at: new Date(),
          postings: postings.map((posting) => ({
            ...posting,
            side: posting.side === 'debit' ? 'credit' : 'debit',
          })),
        }),
      );
      const [defect] = await findAllDefects(sql());
      assert.equal(defect?.name, 'available-while-debt');
      await short(hold(terminal, 1));
      await settle();
      await noDefects();
      assert.equal((await pointsOf(terminal)).debt, 0);
      assert.equal((await booked('income:breakage')) - breakage, name === 'expiry' ? 5 : 0);
    }
  });

  test('whatever is earned, held, captured, released, refunded, taken back and expires, nobody spends what was taken back', async (t) => {
    t.diagnostic(`SEED=${seed}`);
    const some = fc.integer({ min: 1, max: 8 });
    const step = fc.oneof(
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('earn' as const), points: some }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('hold' as const), points: some }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('capture' as const), of: fc.nat(), points: some }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('release' as const), of: fc.nat() }) },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('recall' as const), points: some, journal: fc.boolean() }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('refund' as const), of: fc.nat(), points: some }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('expire holds' as const) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('hold again' as const), of: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire points' as const) }) },
    );
    const steps = fc.array(step, { minLength: 6, maxLength: 20 });
    const property = fc.asyncProperty(steps, fc.boolean(), async (steps, raced) => {
      // What earlier members have left, so that only this one's points expire.
      await journal();
      await expireHolds();
      await expirePoints();
      const terminal = await member(12);
      const expiredBefore = await booked('points:expired');
      let earned = 12;
      let open: Held[] = [];
      let over: Held[] = [];
      const spent = new Map<OrderId, number>();
      /** What is there by what happened so far; below zero it is a debt. Of no use while steps race. */
      let free = 12;
      const run = async (one: (typeof steps)[number]): Promise<void> => {
        switch (one.kind) {
          case 'earn':
            earned += one.points;
            free += one.points;
            return earn(terminal, one.points);
          case 'recall':
            earned -= one.points;
            free -= one.points;
            await recall(terminal, one.points);
            if (one.journal) await journal();
            return;
          case 'hold': {
            if (!raced && one.points > free) return short(hold(terminal, one.points));
            open.push(await hold(terminal, one.points));
            free -= one.points;
            return;
          }
          case 'hold again': {
            const held = over[one.of % Math.max(over.length, 1)];
            if (held === undefined) return;
            if (!raced && held.points > free) return short(hold(terminal, held.points, held));
            over = over.filter((each) => each !== held);
            open.push(await hold(terminal, held.points, held));
            free -= held.points;
            return;
          }
          case 'capture': {
            const held = open[one.of % Math.max(open.length, 1)];
            if (held === undefined) return;
            const points = Math.min(one.points, held.points);
            open = open.filter((each) => each !== held);
            await capture(terminal, { ...held, points });
            spent.set(held.orderId, points);
            free += held.points - points;
            return;
          }
          case 'release': {
            const held = open[one.of % Math.max(open.length, 1)];
            if (held === undefined) return;
            open = open.filter((each) => each !== held);
            await release(held);
            free += held.points;
            return;
          }
          case 'refund': {
            const orderId = [...spent.keys()][one.of % Math.max(spent.size, 1)];
            const left = orderId === undefined ? 0 : (spent.get(orderId) ?? 0);
            if (orderId === undefined || left === 0) return;
            const points = Math.min(one.points, left);
            spent.set(orderId, left - points);
            await refund(orderId, points);
            free += points;
            return;
          }
          case 'expire holds':
            await expireHolds();
            // Those that were placed meanwhile by a step that races stay open, and their later steps find out.
            free += open.reduce((sum, { points }) => sum + points, 0);
            over.push(...open);
            open = [];
            return;
          case 'expire points':
            await journal();
            await expirePoints();
            free = Math.min(free, 0);
        }
      };
      const width = raced ? 3 : 1;
      for (let index = 0; index < steps.length; index += width) {
        for (const outcome of await Promise.allSettled(steps.slice(index, index + width).map(run))) {
          if (outcome.status === 'rejected') {
            assert.ok(
              raced && ['points-short', 'wrong-state'].includes(outcome.reason.code),
              String(outcome.reason?.stack),
            );
          }
        }
        await noDefects();
        const { available, held, spent: spentNow, debt } = await pointsOf(terminal);
        const expired = (await booked('points:expired')) - expiredBefore;
        assert.equal(available + held + spentNow + expired - debt, earned, 'Points and debt add up.');
        assert.ok(available === 0 || debt === 0, 'Who owes has nothing to spend.');
        if (!raced) assert.equal(available - debt, free);
      }
    });
    await fc.assert(property, { seed, numRuns: 24, endOnFailure: true });
  });
});
