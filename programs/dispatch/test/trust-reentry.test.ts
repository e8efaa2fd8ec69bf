/** A terminal whose fault looked like hardware comes back, once (rule 7 of docs/TRUST.md). */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { verifyToken } from '@taika/crypto/token';
import { type Caller, RemoteError } from '@taika/http/call';
import { revokeTerminal } from '@taika/protocol/dispatch/parties';
import { readContractorKey, readReceipt, readTerminal } from '@taika/protocol/dispatch/registrations';
import { explainTerminal } from '@taika/protocol/dispatch/trust';
import type { RegistrationId, TerminalId } from '@taika/protocol/schema';
import { type ReceiptClaims, tokenTypes } from '@taika/protocol/tokens';
import {
  createGrid,
  createWorker,
  listDefects,
  pause,
  type TestGrid,
  type TestWorker,
} from './support/grid.ts';
import { breakHardware, lieOnce, workUntilState } from './support/hardware-fault.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import {
  bearer,
  callerWith,
  giveConsent,
  openSession,
  registerTerminal,
  type TestTerminal,
} from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';
import { assertEverythingEarnedOnce, assertTraceIsTrue } from './support/trust.ts';

let dispatch: TestDispatch;
let grid: TestGrid;
let helpers: readonly TestWorker[];
before(async () => {
  dispatch = await startTestDispatch();
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  helpers = [await grid.terminal(), await addOwnWorker(dispatch, 'reference')];
});
after(() => dispatch[Symbol.asyncDispose]());

const sql = () => dispatch.server.context.sql;
const operator = (): Caller => bearer(dispatch.url, dispatch.operatorKey);

async function newTerminal(): Promise<{ terminal: TestTerminal; worker: TestWorker }> {
  const terminal = await registerTerminal(grid.vendor);
  const session = await openSession(dispatch.url, terminal);
  const caller = bearer(dispatch.url, session);
  await giveConsent(caller, terminal, grid.vendor);
  return { terminal, worker: createWorker(caller, terminal.terminalId, session) };
}

const receiptOf = async (registrationId: RegistrationId): Promise<ReceiptClaims> => {
  const { publicKey: keys } = await callerWith(dispatch.url).call(readContractorKey);
  const { receipt } = await grid.vendor.caller.call(readReceipt, { params: { registrationId } });
  const type = tokenTypes.receipt;
  return (await verifyToken(receipt, { type, keys, now: new Date() })) as unknown as ReceiptClaims;
};

/** What is said of a revoked terminal, to whom it concerns, once this replica has heard of it. */
async function refusalOf(ask: () => Promise<unknown>): Promise<RemoteError> {
  for (;;) {
    const error = await ask().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error instanceof RemoteError && error.code === 'terminal-revoked') {
      return error;
    }
    assert.equal(error, undefined);
    await pause();
  }
}

const saidOf = ({ problem }: RemoteError) => [problem.mayReturn, (problem.reason as { code: string }).code];

/** The standing is known to every route within five seconds. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      assert.ok(error instanceof RemoteError && error.code === 'terminal-revoked', String(error));
      await pause();
    }
  }
}

test('one wrong result among two hundred right ones: the terminal is let in again, on probation, and the second time is final', async () => {
  const { terminal, worker } = await newTerminal();
  const { registrationId } = terminal;
  assert.equal((await receiptOf(registrationId)).reentries, undefined);
  const jobId = await breakHardware({ grid, sql: sql(), worker, helpers });

  for (const ask of [
    () => receiptOf(registrationId),
    () => worker.cycle(),
    () => openSession(dispatch.url, terminal),
  ]) {
    const refused = await refusalOf(ask);
    assert.deepEqual(saidOf(refused), [true, 'terminal-suspended']);
    assert.match(refused.message, /its other results are being computed again/);
  }

  await workUntilState({ sql: sql(), worker, helpers }, 'active');
  const params = { terminalId: terminal.terminalId as TerminalId };
  const { standing, decisions } = await operator().call(explainTerminal, { params });
  assert.equal(standing, 'probation');
  assert.ok(decisions.length > 0);
  const [row] = await sql()`
    select t.reentries, t.recalls_out, terminal.revoked_at, terminal.revoke_reason
    from terminal_trust t
    join terminal on terminal.number = t.terminal_number
    where terminal.id = ${terminal.terminalId}
  `;
  assert.deepEqual({ ...row }, { reentries: 1, recallsOut: 0, revokedAt: null, revokeReason: null });
  assert.equal((await answered(() => receiptOf(registrationId))).reentries, 1);
  await answered(() => worker.caller.call(readTerminal));

  const isDone = async () => (await grid.read(jobId)).state === 'done';
  await Promise.all(helpers.map((helper) => helper.workUntil(isDone)));
  await Promise.all(helpers.map((helper) => helper.forgetHeld()));
  // It is given work again, under its old session and consent, and what is wrong now is the last thing.
  await lieOnce({ grid, sql: sql(), worker, helpers });
  const last = await refusalOf(() => receiptOf(registrationId));
  assert.deepEqual(saidOf(last), [false, 'terminal-revoked']);
  assert.deepEqual(await listDefects(sql()), []);
  await assertEverythingEarnedOnce(sql());
  await assertTraceIsTrue(sql());
});

test('a wrong result with little to stand against it is final at once, and so is the operator’s word', async () => {
  const liar = await newTerminal();
  await lieOnce({ grid, sql: sql(), worker: liar.worker, helpers });
  assert.deepEqual(saidOf(await refusalOf(() => receiptOf(liar.terminal.registrationId))), [
    false,
    'terminal-revoked',
  ]);
  const { terminal } = await newTerminal();
  const terminalId = terminal.terminalId as TerminalId;
  await operator().call(revokeTerminal, { params: { terminalId }, body: { reason: 'Key lost' } });
  assert.deepEqual(saidOf(await refusalOf(() => receiptOf(terminal.registrationId))), [
    false,
    'terminal-revoked',
  ]);
});
