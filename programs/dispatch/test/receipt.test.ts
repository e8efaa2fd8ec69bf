import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { verifyToken } from '@taika/crypto/token';
import type { Caller } from '@taika/http/call';
import { cycle } from '@taika/protocol/dispatch/cycle';
import { listTerminals, setRates } from '@taika/protocol/dispatch/parties';
import {
  readContractorKey,
  readReceipt,
  readTerminal,
  readTerminalReceipt,
  withdrawConsent,
} from '@taika/protocol/dispatch/registrations';
import type { ConsentId } from '@taika/protocol/schema';
import { tokenTypes } from '@taika/protocol/tokens';
import { findAllDefects } from '../src/books/find-defects.ts';
import { createGrid, createWorker, type TestGrid, type TestWorker } from './support/grid.ts';
import {
  bearer,
  callerWith,
  giveConsent,
  newId,
  openSession,
  registerTerminal,
  type TestTerminal,
} from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

describe('receipts of real work', () => {
  let dispatch: TestDispatch;
  let grid: TestGrid;
  let terminal: TestTerminal;
  let session: Caller;
  let worker: TestWorker;
  let consentId: ConsentId;
  before(async () => {
    dispatch = await startTestDispatch();
    // A point for each fuel, so that the work of a test counts.
    await bearer(dispatch.url, dispatch.operatorKey).call(setRates, {
      params: { version: '2' },
      body: {
        perFuel: '1',
        price: { currency: 'JPY', amountMilli: '1' },
        pointsMilli: '1000',
        taxBasisPoints: 0,
        referenceFuelPerSecond: '1000000000',
      },
    });
    grid = await createGrid(dispatch.url, dispatch.operatorKey);
    terminal = await registerTerminal(grid.vendor);
    const token = await openSession(dispatch.url, terminal);
    session = bearer(dispatch.url, token);
    consentId = await giveConsent(session, terminal, grid.vendor);
    worker = createWorker(session, terminal.terminalId, token);
  });
  after(() => dispatch?.[Symbol.asyncDispose]());

  const receipt = async () => {
    const { publicKey } = await callerWith(dispatch.url).call(readContractorKey);
    const { registrationId } = terminal;
    const { receipt: token } = await grid.vendor.caller.call(readReceipt, { params: { registrationId } });
    return verifyToken(token, {
      type: tokenTypes.receipt,
      keys: publicKey,
      audience: grid.vendor.vendorId,
      now: new Date(),
    });
  };
  /** Sightings are written every two seconds. */
  const untilState = async (state: string) => {
    const stopAtMs = performance.now() + 15_000;
    for (let claims = await receipt(); claims.state !== state; claims = await receipt()) {
      assert.ok(performance.now() < stopAtMs, `The state is ${claims.state}, not ${state}.`);
    }
  };
  const submit = (input: string) =>
    grid.submit(input, { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } });

  test('the evidence of a terminal is the fuel it computed, at once', async () => {
    const jobId = await submit('one\ntwo\nthree\n');
    await worker.workUntil(async () => ['merging', 'done'].includes((await grid.read(jobId)).state));
    const view = await grid.reach(jobId, 'done');
    const claims = await receipt();
    const points = BigInt(view.fuel) * 1_000n;
    assert.ok(points > 0n);
    assert.deepEqual(
      [claims.pointsCommitted, claims.pointsFinal, claims.pointsForfeited],
      ['0', String(points), '0'],
    );
    const seen = await session.call(readTerminal);
    assert.equal(seen.unitsAccepted, 3);
    assert.equal(seen.points.evidenceMilli, String(points));
    const { receipt: own } = await session.call(readTerminalReceipt);
    assert.ok(own);
  });

  test('the state is what the terminal last said: idle without work, paused, computing', async () => {
    await worker.cycle();
    await untilState('idle-no-work');
    await session.call(cycle, { body: { cycleId: newId(), reports: [], state: 'paused' } });
    await untilState('paused');
    const jobId = await submit('held\n');
    await grid.reach(jobId, 'running');
    while ((await worker.cycle()).assignments.length === 0) {
      // The replica looks for running jobs once in a while.
    }
    await untilState('computing');
  });

  test('what a terminal holds goes to another as soon as its consent is withdrawn', async () => {
    const operator = bearer(dispatch.url, dispatch.operatorKey);
    const unitsOut = async () => {
      const { items } = await operator.call(listTerminals, { query: {} });
      return items.find(({ terminalId }) => terminalId === terminal.terminalId)?.unitsOut;
    };
    assert.equal(await unitsOut(), 1);
    await session.call(withdrawConsent, { params: { consentId } });
    await assert.rejects(worker.cycle(), { code: 'no-consent' });
    assert.equal((await receipt()).state, 'not-computing');
    const other = await grid.terminal();
    const stopAtMs = performance.now() + 15_000;
    while ((await other.cycle()).assignments.length === 0) {
      assert.ok(performance.now() < stopAtMs, 'The unit was not handed out again.');
    }
    assert.equal(await unitsOut(), 0);
    assert.deepEqual(await findAllDefects(dispatch.server.context.sql), []);
  });
});
