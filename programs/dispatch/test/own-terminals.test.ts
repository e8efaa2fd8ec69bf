import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { generateKeyPair } from '@taika/crypto/keys';
import { listTerminals } from '@taika/protocol/dispatch/parties';
import { addOwnTerminal } from '@taika/protocol/dispatch/trust';
import type { TerminalId } from '@taika/protocol/schema';
import { createGrid } from './support/grid.ts';
import { addOwnWorker } from './support/own-terminal.ts';
import { bearer, newId, registerTerminal } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

let dispatch: TestDispatch;
before(async () => {
  dispatch = await startTestDispatch();
});
after(() => dispatch[Symbol.asyncDispose]());

test('a reference executor opens a session and cycles, and gets no ordinary work', async () => {
  const grid = await createGrid(dispatch.url, dispatch.operatorKey);
  const jobId = await grid.submit('one\ntwo\n', {
    split: { by: 'lines', records: 1 },
    merge: { by: 'lines' },
  });
  await grid.reach(jobId, 'running');
  const reference = await addOwnWorker(dispatch, 'reference');
  const reply = await reference.cycle();
  assert.deepEqual(reply.assignments, []);
  assert.equal(reply.reason?.code, 'no-work');
  const operator = bearer(dispatch.url, dispatch.operatorKey);
  const { items } = await operator.call(listTerminals, { query: {} });
  assert.equal(items.find(({ terminalId }) => terminalId === reference.terminalId)?.role, 'reference');
  const worker = await grid.terminal();
  assert.ok((await worker.take()).length > 0, 'The work is a member’s.');
  await grid.cancel(jobId);
});

test('adding one again changes nothing; its id or its key for another is a conflict', async () => {
  const operator = bearer(dispatch.url, dispatch.operatorKey);
  const keyPair = await generateKeyPair();
  const { kty, crv, x } = keyPair.publicKey;
  const terminalId = newId<TerminalId>();
  const body = { role: 'decoy' as const, name: 'Lure', publicKey: { kty, crv, x } };
  const add = (id: TerminalId, changes: Partial<typeof body> = {}) =>
    operator.call(addOwnTerminal, { params: { terminalId: id }, body: { ...body, ...changes } });
  const both = await Promise.all([add(terminalId), add(terminalId)]);
  assert.deepEqual(both, Array(2).fill({ terminalId, role: 'decoy', name: 'Lure' }));
  await assert.rejects(add(terminalId, { name: 'Other' }), { code: 'idempotency-conflict' });
  await assert.rejects(add(newId<TerminalId>()), { code: 'idempotency-conflict' });
  const { vendor } = await createGrid(dispatch.url, dispatch.operatorKey);
  await assert.rejects(registerTerminal(vendor, { keyPair }), { code: 'conflict' });
});
