/** Points of an order go back to the member, and the vendor owes what they were worth: by random sequences, against real PostgreSQL. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Caller } from '@taika/http/call';
import {
  capturePoints,
  holdPoints,
  listClaims,
  readBooks,
  refundPoints,
} from '@taika/protocol/dispatch/money';
import type { HoldId, OrderId, RefundId } from '@taika/protocol/schema';
import fc from 'fast-check';
import { findAllDefects } from '../src/books/find-defects.ts';
import { expirePointsStep } from '../src/rewards/expire-points.ts';
import { journalPointsStep } from '../src/rewards/journal-points.ts';
import { refundPoints as refundPointsAt } from '../src/rewards/refund-points.ts';
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
const monthMs = 31 * 24 * 3600 * 1000;
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

describe('refunds of points', () => {
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
  const member = async (points: number) => {
    const terminal = await registerTerminal(vendor, { product: 'shop', kind: 'service' });
    await earn(terminal, points);
    return terminal;
  };
  const earn = ({ terminalId }: TestTerminal, points: number, entry: Partial<Pick<Earned, 'kind'>> = {}) =>
    writeEntry(sql(), { terminalId, jobNumber, fuel: BigInt(points) * fuelOfPoint, ...entry });
  const pointsOf = async ({ terminalId }: TestTerminal) => {
    const { availableMilli, spentMilli, debtMilli } = await readPointsOf(sql(), terminalId);
    return {
      available: Number(availableMilli) / 1000,
      spent: Number(spentMilli) / 1000,
      debt: Number(debtMilli) / 1000,
    };
  };
  const spend = async (terminal: TestTerminal, points: number): Promise<OrderId> => {
    const [holdId, orderId] = [newId<HoldId>(), newId<OrderId>()];
    const pointsMilli = `${points}000`;
    const body = { pseudonym: terminal.pseudonym, orderId, pointsMilli };
    await vendor.caller.call(holdPoints, { params: { holdId }, body });
    const confirmation = await confirmOrder(terminal, { vendorId: vendor.vendorId, orderId, pointsMilli });
    await vendor.caller.call(capturePoints, { params: { holdId }, body: { confirmation } });
    return orderId;
  };
  const refund = (orderId: OrderId, points: number, refundId = newId<RefundId>(), caller = vendor.caller) =>
    caller.call(refundPoints, { params: { refundId }, body: { orderId, pointsMilli: `${points}000` } });
  const owed = async () => {
    const { accounts } = await operator.call(readBooks);
    return accounts
      .filter(({ account }) => /^(payable|receivable):vendor:/.test(account))
      .reduce((sum, { debit, credit }) => sum + BigInt(credit) - BigInt(debit), 0n);
  };

  test('an order’s points go back in full or in part, and the vendor is owed that much less', async () => {
    const terminal = await member(10);
    const orderId = await spend(terminal, 8);
    const before = await owed();
    const refundId = newId<RefundId>();
    const first = await refund(orderId, 3, refundId);
    assert.deepEqual(
      [first.pointsMilli, first.worth, first.refundedMilli, first.debtMilli],
      ['3000', { currency: 'JPY', amountMilli: '3000' }, '3000', '0'],
    );
    assert.deepEqual(await pointsOf(terminal), { available: 5, spent: 5, debt: 0 });
    assert.equal(before - (await owed()), 3_000n);
    assert.deepEqual(await refund(orderId, 3, refundId), first, 'The same refund again changes nothing.');
    assert.equal((await refusalOf(refund(orderId, 4, refundId))).code, 'idempotency-conflict');
    const { code, problem } = await refusalOf(refund(orderId, 6));
    assert.deepEqual([code, problem.refundableMilli], ['wrong-state', '5000']);
    await refund(orderId, 5);
    assert.equal((await refusalOf(refund(orderId, 1))).code, 'wrong-state');
    const { code: halfCode } = await refusalOf(
      vendor.caller.call(refundPoints, {
        params: { refundId: newId<RefundId>() },
        body: { orderId, pointsMilli: '500' },
      }),
    );
    assert.equal(halfCode, 'bad-request', 'Half a coin cannot be taken off a document.');
    assert.deepEqual(await pointsOf(terminal), { available: 10, spent: 0, debt: 0 });
    const claims = (await vendor.caller.call(listClaims, { query: {} })).items.filter(
      (claim) => claim.orderId === orderId,
    );
    assert.deepEqual(
      claims.map(({ kind, amount }) => [kind, amount.amountMilli]),
      [
        ['refund', '-5000'],
        ['refund', '-3000'],
        ['discount', '8000'],
      ],
    );
    await noDefects();
  });

  test('only its vendor refunds an order, and only one that spent points', async () => {
    const terminal = await member(5);
    const orderId = await spend(terminal, 5);
    const stranger = await enrolVendor(dispatch.url, operator);
    assert.equal((await refusalOf(refund(orderId, 1, newId(), stranger.caller))).code, 'not-found');
    assert.equal((await refusalOf(refund(newId(), 1))).code, 'not-found');
    assert.equal((await refusalOf(refund(orderId, 0))).code, 'bad-request');
    await noDefects();
  });

  test('points whose month is over come back for 30 days at least', async () => {
    const terminal = await member(6);
    const orderId = await spend(terminal, 6);
    const now = new Date(Date.now() + 14 * monthMs);
    const later = { ...dispatch.server.context, clock: { ...dispatch.server.context.clock, now: () => now } };
    const caller = { kind: 'vendor', vendorId: vendor.vendorId, vendorNumber: await vendorNumber() } as const;
    await refundPointsAt(later, caller, { refundId: newId(), orderId, pointsMilli: 6_000n });
    while ((await expirePointsStep(later)) === 'again');
    const in29Days = new Date(now.getTime() + 29 * 86_400_000);
    while (
      (await expirePointsStep({ ...later, clock: { ...later.clock, now: () => in29Days } })) === 'again'
    );
    assert.equal((await pointsOf(terminal)).available, 6);
    await noDefects();
  });

  test('what comes back to a month that has expired already expires too, however often it is as much', async () => {
    const terminal = await member(10);
    const orderId = await spend(terminal, 6);
    const now = new Date(Date.now() + 14 * monthMs);
    const later = { ...dispatch.server.context, clock: { ...dispatch.server.context.clock, now: () => now } };
    while ((await expirePointsStep(later)) === 'again');
    assert.deepEqual(await pointsOf(terminal), { available: 0, spent: 6, debt: 0 });
    // By a clock that is behind, or a transaction that was: the month is not over for these. Each brings one point.
    for (let times = 0; times < 3; times++) {
      await refund(orderId, 1);
      assert.equal((await pointsOf(terminal)).available, 1);
      await Promise.all([expirePointsStep(later), expirePointsStep(later)]);
      assert.equal((await pointsOf(terminal)).available, 0);
    }
    await noDefects();
  });

  test('a debt for wrong results is settled out of what comes back', async () => {
    const terminal = await member(10);
    const orderId = await spend(terminal, 8);
    await earn(terminal, 5, { kind: 'recalled' });
    await journalPointsStep(dispatch.server.context);
    assert.deepEqual(await pointsOf(terminal), { available: 0, spent: 8, debt: 3 });
    assert.equal((await refund(orderId, 8)).debtMilli, '3000');
    assert.deepEqual(await pointsOf(terminal), { available: 5, spent: 0, debt: 0 });
    await noDefects();
  });

  test('whatever is bought, refunded, repeated, recalled and raced, no more goes back than was spent', async (t) => {
    t.diagnostic(`SEED=${seed}`);
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('buy' as const), points: fc.nat({ max: 6 }) }) },
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant('refund' as const),
          of: fc.nat(),
          points: fc.integer({ min: 1, max: 5 }),
          times: fc.integer({ min: 1, max: 3 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('recall' as const),
          points: fc.integer({ min: 1, max: 4 }),
        }),
      },
    );
    const property = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const terminal = await member(20);
      const before = await owed();
      const spent = new Map<OrderId, number>();
      const back = new Map<OrderId, number>();
      let recalled = 0;
      const run = async (one: (typeof steps)[number]) => {
        switch (one.kind) {
          case 'buy':
            if (one.points > 0) spent.set(await spend(terminal, one.points), one.points);
            return;
          case 'recall':
            recalled += one.points;
            await earn(terminal, one.points, { kind: 'recalled' });
            await journalPointsStep(dispatch.server.context);
            return;
          case 'refund': {
            const orderId = [...spent.keys()][one.of % Math.max(spent.size, 1)];
            if (orderId === undefined) return;
            const refundId = newId<RefundId>();
            const calls = Array.from({ length: one.times }, () => refund(orderId, one.points, refundId));
            const outcomes = await Promise.allSettled(calls);
            const done = outcomes.filter(({ status }) => status === 'fulfilled').length;
            assert.ok(done === 0 || done === one.times, 'Repetitions have one answer.');
            if (done > 0) back.set(orderId, (back.get(orderId) ?? 0) + one.points);
          }
        }
      };
      // In pairs, so that some run at the same time.
      for (let index = 0; index < steps.length; index += 2) {
        const outcomes = await Promise.allSettled(steps.slice(index, index + 2).map(run));
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') {
            assert.equal(outcome.reason.code, 'points-short', String(outcome.reason));
          }
        }
        await noDefects();
      }
      for (const [orderId, points] of back) assert.ok(points <= (spent.get(orderId) ?? 0));
      const sum = (map: Map<OrderId, number>) =>
        [...map.values()].reduce((total, points) => total + points, 0);
      const kept = sum(spent) - sum(back);
      const { available, debt, spent: spentNow } = await pointsOf(terminal);
      assert.equal(spentNow, kept);
      assert.equal(available - debt, 20 - kept - recalled);
      assert.equal((await owed()) - before, BigInt(kept) * 1000n);
    });
    await fc.assert(property, { seed, numRuns: 12, endOnFailure: true });
  });

  test('a refund that was tampered with, or is there by halves, is a defect with its name', async () => {
    const terminal = await member(9);
    const orderId = await spend(terminal, 9);
    await refund(orderId, 4);
    await noDefects();
    const faults = {
      'a refund is counted twice': ['refunds-differ', 'update points_hold set refunded_milli = 8000'],
      'a refund is not counted': ['refunds-differ', 'update points_hold set refunded_milli = 0'],
      'its claim is of another amount': ['claims-not-payable', 'update claim set amount_milli = -5000'],
      'its claim is refused': [
        'claims-not-payable',
        "update claim set state = 'refused', refusal_code = 'x'",
      ],
      'it has no claim': ['claims-not-payable', 'delete from claim'],
      'its claim has no refund': ['claim-without-refund', 'delete from points_refund'],
    } as const;
    const [first] = await sql()<{ id: string; holdId: string }[]>`
      select r.id, r.hold_id
      from points_refund r
      join points_hold h on h.id = r.hold_id
      where h.order_id = ${orderId}
    `;
    for (const [what, [name, statement]] of Object.entries(faults)) {
      const id = statement.startsWith('update points_hold') ? first!.holdId : first!.id;
      const undo = new Error('undo');
      await sql()
        .begin(async (tx) => {
          await tx.unsafe(`${statement} where id = $1`, [id]);
          const found = await tx<{ name: string }[]>`select name from money_defect`;
          assert.ok(
            found.some((defect) => defect.name === name),
            what,
          );
          throw undo;
        })
        .catch((error: unknown) => assert.equal(error, undo));
    }
    await noDefects();
  });

  async function vendorNumber(): Promise<bigint> {
    const [row] = await sql()<{ number: bigint }[]>`select number from vendor where id = ${vendor.vendorId}`;
    return row!.number;
  }
});

test('in a currency with cents points are worth its units, and nothing is called a defect', async () => {
  await using dispatch = await startTestDispatch({ currency: 'EUR' });
  const { sql } = dispatch.server.context;
  const operator = bearer(dispatch.url, dispatch.operatorKey);
  const vendor = await enrolVendor(dispatch.url, operator, { currency: 'EUR' });
  const { customerId } = await enrolCustomer(dispatch.url, operator, 'Customer', { currency: 'EUR' });
  const { jobNumber } = await writeJob(sql, { customerId, fuel: 0n, state: 'running' });
  const terminal = await registerTerminal(vendor, { product: 'shop', kind: 'service' });
  await writeEntry(sql, { terminalId: terminal.terminalId, jobNumber, fuel: 8n * fuelOfPoint });
  const [holdId, orderId, pointsMilli] = [newId<HoldId>(), newId<OrderId>(), '8000'];
  await vendor.caller.call(holdPoints, {
    params: { holdId },
    body: { pseudonym: terminal.pseudonym, orderId, pointsMilli },
  });
  const order = { vendorId: vendor.vendorId, orderId, pointsMilli, currency: 'EUR' };
  const confirmation = await confirmOrder(terminal, order);
  await vendor.caller.call(capturePoints, { params: { holdId }, body: { confirmation } });
  const { worth } = await vendor.caller.call(refundPoints, {
    params: { refundId: newId<RefundId>() },
    body: { orderId, pointsMilli: '3010' },
  });
  assert.deepEqual(worth, { currency: 'EUR', amountMilli: '301000' });
  assert.deepEqual(await findAllDefects(sql), []);
});
