import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Caller, RemoteError } from '@taika/http/call';
import {
  capturePoints,
  holdPoints,
  listClaims,
  readMemberPoints,
  releasePoints,
} from '@taika/protocol/dispatch/money';
import { endRegistration, readTerminal } from '@taika/protocol/dispatch/registrations';
import type { HoldId, OrderId } from '@taika/protocol/schema';
import fc from 'fast-check';
import { findAllDefects } from '../src/books/find-defects.ts';
import { holdPoints as holdPointsAt } from '../src/rewards/hold-points.ts';
import { journalPointsStep } from '../src/rewards/journal-points.ts';
import { readPointsBalance } from '../src/rewards/read-balance.ts';
import { expireHoldsStep } from '../src/rewards/release-points.ts';
import {
  bearer,
  confirmOrder,
  enrolCustomer,
  enrolVendor,
  newId,
  openSession,
  registerTerminal,
  type TestTerminal,
  type TestVendor,
} from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { readPointsOf, writeEntry, writeJob } from './support/work.ts';

const dayMs = 86_400_000;
/** At the demonstration tariff 10^9 fuel earn half a point. */
const fuelOfPoint = 2_000_000_000n;

const nothing = {
  pendingMilli: '0',
  availableMilli: '0',
  heldMilli: '0',
  spentMilli: '0',
  evidenceMilli: '0',
  debtMilli: '0',
};

describe('points', () => {
  let dispatch: TestDispatch;
  let operator: Caller;
  let vendor: TestVendor;
  let jobNumber: bigint;
  before(async () => {
    dispatch = await startTestDispatch();
    operator = bearer(dispatch.url, dispatch.operatorKey);
    vendor = await enrolVendor(dispatch.url, operator);
    const { customerId } = await enrolCustomer(dispatch.url, operator);
    ({ jobNumber } = await writeJob(dispatch.server.context.sql, { customerId, fuel: 0n, state: 'running' }));
  });
  after(() => dispatch?.[Symbol.asyncDispose]());

  const sql = () => dispatch.server.context.sql;
  const memberWithPoints = async (points: bigint): Promise<TestTerminal> => {
    const terminal = await registerTerminal(vendor, { product: 'shop', kind: 'service' });
    if (points > 0n) {
      await writeEntry(sql(), { terminalId: terminal.terminalId, jobNumber, fuel: points * fuelOfPoint });
    }
    return terminal;
  };
  const balanceOf = ({ terminalId }: TestTerminal) => readPointsOf(sql(), terminalId);
  const hold = (terminal: TestTerminal, pointsMilli: string, ids: Partial<Ids> = {}) => {
    const { holdId = newId<HoldId>(), orderId = newId<OrderId>() } = ids;
    return vendor.caller.call(holdPoints, {
      params: { holdId },
      body: { pseudonym: terminal.pseudonym, orderId, pointsMilli },
    });
  };
  const capture = async (holdId: HoldId, confirmation: string) =>
    vendor.caller.call(capturePoints, { params: { holdId }, body: { confirmation } });
  const vendorNumber = async () => {
    const [row] = await sql()<{ number: bigint }[]>`select number from vendor where id = ${vendor.vendorId}`;
    return row!.number;
  };
  const noDefects = async () => assert.deepEqual(await findAllDefects(sql()), []);

  test('points count from the moment they are earned, and the same before and after they are journalled', async () => {
    const terminal = await memberWithPoints(0n);
    const { terminalId } = terminal;
    const earn = (kind: 'accepted' | 'committed' | 'finalized' | 'forfeited', points: bigint) =>
      writeEntry(sql(), { terminalId, jobNumber, kind, fuel: points * fuelOfPoint });
    await earn('accepted', 10n);
    await earn('committed', 7n);
    const expected = { ...nothing, pendingMilli: '7000', availableMilli: '10000' };
    assert.deepEqual(await balanceOf(terminal), expected);
    await journalPointsStep(dispatch.server.context);
    assert.deepEqual(await balanceOf(terminal), expected);
    await earn('finalized', 4n);
    await earn('forfeited', 3n);
    const settled = { ...expected, pendingMilli: '0', availableMilli: '14000' };
    assert.deepEqual(await balanceOf(terminal), settled);
    await journalPointsStep(dispatch.server.context);
    assert.deepEqual(await balanceOf(terminal), settled);
    const session = bearer(dispatch.url, await openSession(dispatch.url, terminal));
    const view = await session.call(readTerminal);
    assert.deepEqual(view.points, settled);
    assert.equal(view.unitsAccepted, 2);
    await noDefects();
  });

  test('a vendor sees what its member can spend and its own orders, and nothing of what the member does elsewhere', async () => {
    const terminal = await memberWithPoints(20n);
    const other = await enrolVendor(dispatch.url, operator);
    const there = await registerTerminal(other, {
      product: 'other',
      kind: 'service',
      keyPair: terminal.keyPair,
    });
    const seenBy = ({ caller }: TestVendor, { pseudonym }: TestTerminal) =>
      caller.call(readMemberPoints, { params: { pseudonym } });
    await writeEntry(sql(), {
      terminalId: terminal.terminalId,
      jobNumber,
      kind: 'committed',
      fuel: fuelOfPoint,
    });
    const [holdId, orderId] = [newId<HoldId>(), newId<OrderId>()];
    await hold(terminal, '8000', { holdId, orderId });
    const confirmation = await confirmOrder(terminal, {
      vendorId: vendor.vendorId,
      orderId,
      pointsMilli: '8000',
    });
    await capture(holdId, confirmation);
    await hold(terminal, '3000');
    await writeEntry(sql(), {
      terminalId: terminal.terminalId,
      jobNumber,
      kind: 'recalled',
      fuel: fuelOfPoint,
    });
    const rest = { availableMilli: '8000', pendingMilli: '0' };
    assert.deepEqual(await seenBy(vendor, terminal), { ...rest, heldMilli: '3000', spentMilli: '8000' });
    assert.deepEqual(await seenBy(other, there), { ...rest, heldMilli: '0', spentMilli: '0' });
    const session = bearer(dispatch.url, await openSession(dispatch.url, terminal));
    const { points } = await session.call(readTerminal);
    assert.deepEqual(points, {
      ...nothing,
      availableMilli: '8000',
      pendingMilli: '1000',
      heldMilli: '3000',
      spentMilli: '8000',
    });
  });

  test('what a batch leaves over is carried: points do not depend on when they are journalled', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ fuel: fc.bigInt(0n, 9_999_999n), journal: fc.boolean() }), {
          minLength: 1,
          maxLength: 12,
        }),
        async (results) => {
          const terminal = await memberWithPoints(0n);
          for (const { fuel, journal } of results) {
            await writeEntry(sql(), { terminalId: terminal.terminalId, jobNumber, fuel });
            if (journal) {
              await journalPointsStep(dispatch.server.context);
            }
          }
          const fuel = results.reduce((sum, result) => sum + result.fuel, 0n);
          assert.equal((await balanceOf(terminal)).availableMilli, String((fuel * 500n) / 1_000_000_000n));
        },
      ),
      { numRuns: 15 },
    );
    await noDefects();
  });

  test('an entry of a transaction that ends late is neither missed nor counted twice', async () => {
    const terminal = await memberWithPoints(1n);
    const held = await sql().reserve();
    await held`begin`;
    await held`
      insert into points_entry (member_number, terminal_number, job_number, kind, fuel, units, at)
      select member_number, number, ${jobNumber}, 'accepted', ${fuelOfPoint}, 1, now()
      from terminal
      where id = ${terminal.terminalId}
    `;
    await memberWithPoints(1n);
    await journalPointsStep(dispatch.server.context);
    await held`commit`;
    held.release();
    assert.equal((await balanceOf(terminal)).availableMilli, '2000');
    await journalPointsStep(dispatch.server.context);
    assert.equal((await balanceOf(terminal)).availableMilli, '2000');
  });

  test('a checkout holds, captures with the member’s signature, and claims exactly what was taken off', async () => {
    const terminal = await memberWithPoints(100n);
    const holdId = newId<HoldId>();
    const orderId = newId<OrderId>();
    const held = await hold(terminal, '60000', { holdId, orderId });
    assert.equal(held.state, 'held');
    assert.deepEqual(await hold(terminal, '60000', { holdId, orderId }), held);
    await assert.rejects(hold(terminal, '50000', { holdId, orderId }), withCode('idempotency-conflict'));
    assert.deepEqual(await balanceOf(terminal), {
      ...nothing,
      availableMilli: '40000',
      heldMilli: '60000',
    });
    await assert.rejects(hold(terminal, '40001'), withCode('points-short'));
    const yes = await confirmOrder(terminal, { vendorId: vendor.vendorId, orderId, pointsMilli: '45500' });
    const captured = await capture(holdId, yes);
    assert.equal(captured.state, 'captured');
    assert.equal(captured.capturedMilli, '45500');
    assert.deepEqual(captured.worth, { currency: 'JPY', amountMilli: '45500' });
    assert.deepEqual(await capture(holdId, yes), captured);
    assert.deepEqual(await balanceOf(terminal), {
      ...nothing,
      availableMilli: '54500',
      spentMilli: '45500',
    });
    const claims = (await vendor.caller.call(listClaims, { query: {} })).items;
    const ours = claims.filter((claim) => claim.orderId === orderId);
    assert.equal(ours.length, 1);
    assert.deepEqual(ours[0]?.amount, { currency: 'JPY', amountMilli: '45500' });
    await assert.rejects(vendor.caller.call(releasePoints, { params: { holdId } }), withCode('wrong-state'));
    await assert.rejects(hold(terminal, '1000', { orderId }), withCode('wrong-state'));
    await noDefects();
  });

  test('a confirmation that is not exactly the member’s yes to this order spends nothing', async () => {
    const terminal = await memberWithPoints(100n);
    const stranger = await memberWithPoints(100n);
    const holdId = newId<HoldId>();
    const orderId = newId<OrderId>();
    await hold(terminal, '10000', { holdId, orderId });
    const right = { vendorId: vendor.vendorId, orderId, pointsMilli: '10000' };
    const wrong = {
      'another member': await confirmOrder(stranger, right),
      'another order': await confirmOrder(terminal, { ...right, orderId: newId() }),
      'another vendor': await confirmOrder(terminal, { ...right, vendorId: newId() }),
      'more than is held': await confirmOrder(terminal, { ...right, pointsMilli: '10001' }),
      'nothing at all': await confirmOrder(terminal, { ...right, pointsMilli: '0' }),
      'more than the price': await confirmOrder(terminal, { ...right, priceMilli: '9999' }),
      'another currency': await confirmOrder(terminal, { ...right, currency: 'EUR' }),
      'one of another day': await confirmOrder(terminal, right, {
        signedAt: new Date(Date.now() - 15 * dayMs),
      }),
      'a key under another’s name': await confirmOrder(
        { ...stranger, thumbprint: terminal.thumbprint },
        right,
      ),
    };
    for (const [what, confirmation] of Object.entries(wrong)) {
      await assert.rejects(capture(holdId, confirmation), withCode('confirmation-refused'), what);
    }
    assert.equal((await balanceOf(terminal)).heldMilli, '10000');
    assert.equal((await capture(holdId, await confirmOrder(terminal, right))).state, 'captured');
  });

  test('a vendor cannot say yes in the place of a member by a key it made up, whichever it registers first', async () => {
    const invented = await registerTerminal(vendor);
    await assert.rejects(registerTerminal(vendor, { pseudonym: invented.pseudonym }), withCode('conflict'));
    const terminal = await memberWithPoints(10n);
    await assert.rejects(registerTerminal(vendor, { pseudonym: terminal.pseudonym }), withCode('conflict'));
    assert.notEqual(invented.memberId, terminal.memberId);
    const ids = { holdId: newId<HoldId>(), orderId: newId<OrderId>() };
    await hold(terminal, '1000', ids);
    const order = { vendorId: vendor.vendorId, orderId: ids.orderId, pointsMilli: '1000' };
    await assert.rejects(
      capture(ids.holdId, await confirmOrder(invented, order)),
      withCode('confirmation-refused'),
    );
    assert.equal((await capture(ids.holdId, await confirmOrder(terminal, order))).state, 'captured');
  });

  test('a hold that is over frees its points by itself and can no longer be captured', async () => {
    const terminal = await memberWithPoints(5n);
    const holdId = newId<HoldId>();
    const orderId = newId<OrderId>();
    await hold(terminal, '5000', { holdId, orderId });
    const { context } = dispatch.server;
    const later = { ...context, clock: { ...context.clock, now: () => new Date(Date.now() + 16 * 60_000) } };
    await expireHoldsStep(later);
    assert.equal((await balanceOf(terminal)).availableMilli, '5000');
    const yes = await confirmOrder(terminal, { vendorId: vendor.vendorId, orderId, pointsMilli: '5000' });
    await assert.rejects(capture(holdId, yes), withCode('wrong-state'));
    assert.equal((await vendor.caller.call(releasePoints, { params: { holdId } })).state, 'expired');
    await noDefects();
  });

  test('a yes given in time is redeemed days later: the same hold again is placed anew, and captured once', async () => {
    const terminal = await memberWithPoints(5n);
    const ids = { holdId: newId<HoldId>(), orderId: newId<OrderId>() };
    const first = await hold(terminal, '5000', ids);
    const order = { vendorId: vendor.vendorId, orderId: ids.orderId, pointsMilli: '5000' };
    const yes = await confirmOrder(terminal, order, { signedAt: new Date(Date.now() - 13 * dayMs) });
    const { context } = dispatch.server;
    const later = { ...context, clock: { ...context.clock, now: () => new Date(Date.now() + 16 * 60_000) } };
    const caller = { kind: 'vendor', vendorId: vendor.vendorId, vendorNumber: await vendorNumber() } as const;
    const wanted = { ...ids, pseudonym: terminal.pseudonym, pointsMilli: 5_000n };
    // Its time is over and no loop has seen it yet; then it was seen.
    const renewed = await holdPointsAt(later, caller, wanted);
    assert.ok(renewed.state === 'held' && renewed.expiresAt > new Date(first.expiresAt));
    while (
      (await expireHoldsStep({ ...later, clock: { ...later.clock, now: () => renewed.expiresAt } })) ===
      'again'
    );
    assert.equal((await balanceOf(terminal)).availableMilli, '5000');
    await assert.rejects(capture(ids.holdId, yes), withCode('wrong-state'));
    const again = await Promise.all([hold(terminal, '5000', ids), hold(terminal, '5000', ids)]);
    assert.deepEqual([again[0].state, again[1]], ['held', again[0]]);
    assert.equal((await balanceOf(terminal)).heldMilli, '5000');
    const [captured, repeated] = await Promise.all([capture(ids.holdId, yes), capture(ids.holdId, yes)]);
    assert.deepEqual([captured.state, repeated], ['captured', captured]);
    assert.deepEqual(await hold(terminal, '5000', ids), captured, 'What is spent is not held again.');
    assert.deepEqual(await balanceOf(terminal), { ...nothing, spentMilli: '5000' });
    await noDefects();
  });

  test('a hold whose points are gone when it is wanted again says so, and a released one stays released', async () => {
    const terminal = await memberWithPoints(5n);
    const ids = { holdId: newId<HoldId>(), orderId: newId<OrderId>() };
    await hold(terminal, '5000', ids);
    const { context } = dispatch.server;
    const later = { ...context, clock: { ...context.clock, now: () => new Date(Date.now() + 16 * 60_000) } };
    await expireHoldsStep(later);
    const other = { holdId: newId<HoldId>(), orderId: newId<OrderId>() };
    await hold(terminal, '1000', other);
    await assert.rejects(hold(terminal, '5000', ids), withCode('points-short'));
    await assert.rejects(hold(terminal, '4000', ids), withCode('idempotency-conflict'));
    await vendor.caller.call(releasePoints, { params: { holdId: other.holdId } });
    assert.equal((await hold(terminal, '1000', other)).state, 'released');
    assert.equal((await hold(terminal, '5000', ids)).state, 'held');
    await noDefects();
  });

  test('points outlive the registration that earned them', async () => {
    const terminal = await memberWithPoints(3n);
    await vendor.caller.call(endRegistration, { params: { registrationId: terminal.registrationId } });
    assert.equal((await balanceOf(terminal)).availableMilli, '3000');
  });

  test('nothing is spent or claimed twice, however holds, captures and releases race', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            order: fc.integer({ min: 0, max: 1 }),
            hold: fc.integer({ min: 0, max: 2 }),
            points: fc.integer({ min: 1, max: 8 }),
            action: fc.constantFrom('capture' as const, 'capture-twice' as const, 'release' as const),
          }),
          { minLength: 2, maxLength: 6 },
        ),
        async (steps) => {
          const terminal = await memberWithPoints(10n);
          const orders = [newId<OrderId>(), newId<OrderId>()];
          const holds = [newId<HoldId>(), newId<HoldId>(), newId<HoldId>()];
          const run = async (step: (typeof steps)[number]) => {
            const holdId = holds[step.hold]!;
            const orderId = orders[step.order]!;
            const pointsMilli = `${step.points}000`;
            await hold(terminal, pointsMilli, { holdId, orderId });
            if (step.action === 'release') {
              await vendor.caller.call(releasePoints, { params: { holdId } });
              return;
            }
            const yes = await confirmOrder(terminal, { vendorId: vendor.vendorId, orderId, pointsMilli });
            await Promise.all([
              capture(holdId, yes),
              ...(step.action === 'capture-twice' ? [capture(holdId, yes)] : []),
            ]);
          };
          for (const outcome of await Promise.allSettled(steps.map(run))) {
            if (outcome.status === 'rejected') {
              const { code } = outcome.reason as RemoteError;
              const expected = ['points-short', 'idempotency-conflict', 'wrong-state', 'conflict'];
              assert.ok(expected.includes(code), String(outcome.reason));
            }
          }
          const { spentMilli, availableMilli, heldMilli } = await balanceOf(terminal);
          const claims = (await vendor.caller.call(listClaims, { query: { limit: '999' } })).items;
          const ours = claims.filter(({ orderId }) => orderId !== undefined && orders.includes(orderId));
          assert.equal(new Set(ours.map(({ orderId }) => orderId)).size, ours.length);
          const claimed = ours.reduce((sum, { amount }) => sum + BigInt(amount.amountMilli), 0n);
          assert.equal(claimed, BigInt(spentMilli));
          assert.equal(BigInt(spentMilli) + BigInt(availableMilli) + BigInt(heldMilli), 10_000n);
        },
      ),
      { numRuns: 12 },
    );
    await noDefects();
  });

  test('a balance is of one instant, also while points are journalled', async () => {
    const terminal = await memberWithPoints(0n);
    const [row] = await sql()<{ memberNumber: bigint }[]>`
      select member_number
      from terminal
      where id = ${terminal.terminalId}
    `;
    let written = 0n;
    for (let round = 0; round < 10; round++) {
      await writeEntry(sql(), { terminalId: terminal.terminalId, jobNumber, fuel: fuelOfPoint });
      written += 1000n;
      const [, ...balances] = await Promise.all([
        journalPointsStep(dispatch.server.context),
        readPointsBalance(sql(), row!.memberNumber, new Date()),
        readPointsBalance(sql(), row!.memberNumber, new Date()),
      ]);
      for (const { availableMilli } of balances) {
        assert.equal(availableMilli, written);
      }
    }
  });
});

interface Ids {
  readonly holdId: HoldId;
  readonly orderId: OrderId;
}

function withCode(code: string) {
  return (error: unknown) => {
    assert.ok(error instanceof RemoteError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  };
}
