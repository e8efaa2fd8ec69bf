import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Caller } from '@taika/http/call';
import { capturePoints, holdPoints, readBooks, releasePoints } from '@taika/protocol/dispatch/money';
import { endRegistration, readReceipt } from '@taika/protocol/dispatch/registrations';
import type { HoldId, OrderId } from '@taika/protocol/schema';
import { findAllDefects } from '../src/books/find-defects.ts';
import { expirePointsStep } from '../src/rewards/expire-points.ts';
import { journalPointsStep } from '../src/rewards/journal-points.ts';
import {
  bearer,
  confirmOrder,
  enrolCustomer,
  enrolVendor,
  newId,
  registerTerminal,
  type TestTerminal,
  type TestVendor,
} from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { type Earned, readPointsOf, writeEntry, writeJob } from './support/work.ts';

/** At the demonstration tariff 10^9 fuel earn half a point. */
const fuelOfPoint = 2_000_000_000n;
const monthMs = 31 * 24 * 3600 * 1000;

describe('what points are for', () => {
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
  const service = { product: 'shop', kind: 'service' } as const;
  const earn = (
    { terminalId }: TestTerminal,
    points: number,
    entry: Partial<Pick<Earned, 'kind' | 'at'>> = {},
  ) => writeEntry(sql(), { terminalId, jobNumber, fuel: BigInt(points) * fuelOfPoint, ...entry });
  const journal = async () => {
    while ((await journalPointsStep(dispatch.server.context)) === 'again') {
      // Until all is in the books.
    }
  };
  /** Points by what they are, those that are not zero. */
  const pointsOf = async ({ terminalId }: TestTerminal) => {
    const balance = await readPointsOf(sql(), terminalId);
    return Object.fromEntries(
      Object.entries(balance)
        .filter(([, milli]) => milli !== '0')
        .map(([name, milli]) => [name.replace('Milli', ''), Number(milli) / 1_000]),
    );
  };
  const evidenceOf = async ({ registrationId }: TestTerminal) => {
    const { receipt } = await vendor.caller.call(readReceipt, { params: { registrationId } });
    const claims = JSON.parse(Buffer.from(receipt.split('.')[1] ?? '', 'base64url').toString());
    return [claims.pointsCommitted, claims.pointsFinal, claims.pointsForfeited].map(
      (milli) => Number(milli) / 1_000,
    );
  };
  const hold = async ({ pseudonym }: TestTerminal, points: number) => {
    const ids = { holdId: newId<HoldId>(), orderId: newId<OrderId>() };
    const body = { pseudonym, orderId: ids.orderId, pointsMilli: `${points}000` };
    await vendor.caller.call(holdPoints, { params: { holdId: ids.holdId }, body });
    return ids;
  };
  const spend = async (terminal: TestTerminal, points: number) => {
    const { holdId, orderId } = await hold(terminal, points);
    const order = { vendorId: vendor.vendorId, orderId, pointsMilli: `${points}000` };
    const confirmation = await confirmOrder(terminal, order);
    await vendor.caller.call(capturePoints, { params: { holdId }, body: { confirmation } });
  };
  const inMonths = (months: number) => ({
    ...dispatch.server.context,
    clock: { ...dispatch.server.context.clock, now: () => new Date(Date.now() + months * monthMs) },
  });
  const balanceOf = async (account: string, commodity = 'PTS') => {
    const found = (await operator.call(readBooks)).accounts.find(
      (row) => row.account === account && row.commodity === commodity,
    );
    return (BigInt(found?.credit ?? 0) - BigInt(found?.debit ?? 0)) / 1_000n;
  };

  test('work for an application is evidence for its license and can never be spent', async () => {
    const terminal = await registerTerminal(vendor);
    await earn(terminal, 10);
    await earn(terminal, 5, { kind: 'committed' });
    for (const isJournalled of [false, true]) {
      assert.deepEqual(await pointsOf(terminal), { pending: 5, evidence: 10 }, `journalled: ${isJournalled}`);
      assert.deepEqual(await evidenceOf(terminal), [5, 10, 0]);
      await journal();
    }
    await assert.rejects(hold(terminal, 1), { code: 'points-short' });
    await noDefects();
  });

  test('work for a service can be spent and is no evidence', async () => {
    const terminal = await registerTerminal(vendor, service);
    await earn(terminal, 10);
    await earn(terminal, 5, { kind: 'committed' });
    for (const isJournalled of [false, true]) {
      assert.deepEqual(
        await pointsOf(terminal),
        { pending: 5, available: 10 },
        `journalled: ${isJournalled}`,
      );
      assert.deepEqual(await evidenceOf(terminal), [0, 0, 0]);
      await journal();
    }
    await noDefects();
  });

  test('another choice counts for what becomes final from then on, and each point is one or the other', async () => {
    const terminal = await registerTerminal(vendor);
    const { keyPair } = terminal;
    await earn(terminal, 10);
    await earn(terminal, 6, { kind: 'committed' });
    const shop = await registerTerminal(vendor, { ...service, keyPair });
    await earn(shop, 4, { kind: 'finalized' });
    await earn(shop, 3);
    assert.deepEqual(await pointsOf(shop), { pending: 2, evidence: 10, available: 7 });
    assert.deepEqual(await evidenceOf(terminal), [0, 10, 0]);
    await vendor.caller.call(endRegistration, { params: { registrationId: shop.registrationId } });
    await earn(terminal, 2, { kind: 'finalized' });
    for (const isJournalled of [false, true]) {
      assert.deepEqual(
        await pointsOf(terminal),
        { evidence: 12, available: 7 },
        `journalled: ${isJournalled}`,
      );
      assert.deepEqual(await evidenceOf(terminal), [0, 12, 0]);
      await journal();
    }
    await noDefects();
  });

  test('crumbs of work under two choices never take more out of escrow than went in', async () => {
    const terminal = await registerTerminal(vendor);
    const crumb = { terminalId: terminal.terminalId, jobNumber, fuel: 1_200_000n };
    await writeEntry(sql(), { ...crumb, kind: 'committed' });
    const shop = await registerTerminal(vendor, { ...service, keyPair: terminal.keyPair });
    await writeEntry(sql(), { ...crumb, kind: 'committed' });
    await writeEntry(sql(), { ...crumb, fuel: 2_400_000n, kind: 'finalized' });
    await journal();
    assert.deepEqual(await pointsOf(shop), { available: 0.001 });
    await noDefects();
  });

  test('a final result that was found wrong takes its points back, and what was spent becomes a debt', async () => {
    const terminal = await registerTerminal(vendor, service);
    await earn(terminal, 10);
    await spend(terminal, 6);
    await hold(terminal, 1);
    await earn(terminal, 9, { kind: 'recalled' });
    for (const isJournalled of [false, true]) {
      const { debt, spent, held } = await pointsOf(terminal);
      assert.deepEqual({ debt, spent, held }, { debt: 6, spent: 6, held: 1 }, `journalled: ${isJournalled}`);
      await journal();
      await noDefects();
    }
    await earn(terminal, 4);
    await journal();
    assert.deepEqual(await pointsOf(terminal), { debt: 2, spent: 6, held: 1 });
    await earn(terminal, 5);
    await journal();
    assert.deepEqual(await pointsOf(terminal), { available: 3, spent: 6, held: 1 });
    await noDefects();
  });

  test('evidence that was found wrong counts no more', async () => {
    const terminal = await registerTerminal(vendor);
    await earn(terminal, 10);
    await earn(terminal, 4, { kind: 'recalled' });
    await journal();
    assert.deepEqual(await pointsOf(terminal), { evidence: 6 });
    assert.deepEqual(await evidenceOf(terminal), [0, 6, 4]);
    await noDefects();
  });

  test('points expire when their month is over; what a checkout holds waits for it', async () => {
    const terminal = await registerTerminal(vendor, service);
    await earn(terminal, 10);
    await journal();
    const { holdId } = await hold(terminal, 4);
    const [expired, breakage] = [
      await balanceOf('points:expired'),
      await balanceOf('income:breakage', 'JPY'),
    ];
    await expirePointsStep(inMonths(11));
    assert.deepEqual(await pointsOf(terminal), { available: 6, held: 4 });
    await Promise.all([expirePointsStep(inMonths(14)), expirePointsStep(inMonths(14))]);
    assert.deepEqual(await pointsOf(terminal), { held: 4 });
    await noDefects();
    await vendor.caller.call(releasePoints, { params: { holdId } });
    await expirePointsStep(inMonths(14));
    assert.deepEqual(await pointsOf(terminal), {});
    assert.ok((await balanceOf('points:expired')) - expired >= 10n);
    assert.equal(
      (await balanceOf('points:expired')) - expired,
      (await balanceOf('income:breakage', 'JPY')) - breakage,
    );
    await noDefects();
  });
});
