import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withdrawConsent } from '@taika/protocol/dispatch/registrations';
import { createGrid, createWorker } from './support/grid.ts';
import { bearer, giveConsent, openSession, registerTerminal } from './support/parties.ts';
import { startTestDispatch } from './support/test-dispatch.ts';

test('a call that was being answered when its member withdrew leaves nothing with the terminal', async () => {
  await using dispatch = await startTestDispatch();
  const { sql } = dispatch.server.context;
  const grid = await createGrid(dispatch.url, dispatch.operatorKey);
  const terminal = await registerTerminal(grid.vendor);
  const token = await openSession(dispatch.url, terminal);
  const session = bearer(dispatch.url, token);
  const consentId = await giveConsent(session, terminal, grid.vendor);
  const worker = createWorker(session, terminal.terminalId, token);
  // Handing out waits for the test; nothing else does.
  await sql`
    create function wait_for_test() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(77); return new; end $$
  `;
  await sql`create trigger wait_for_test before insert on assignment for each row execute function wait_for_test()`;
  const jobId = await grid.submit('one\ntwo\n', {
    split: { by: 'lines', records: 1 },
    merge: { by: 'lines' },
  });
  await grid.reach(jobId, 'running');

  const asked = await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(77)`;
    const asked = (async () => {
      // The replica looks for running jobs once in a while.
      while ((await worker.cycle()).assignments.length === 0);
    })();
    const refused = assert.rejects(asked, { code: 'no-consent' });
    for (let waiting = 0; waiting === 0; ) {
      const [row] = await sql<{ count: number }[]>`
        select count(*)::int as count from pg_locks where locktype = 'advisory' and objid = 77 and not granted
      `;
      waiting = row?.count ?? 0;
    }
    await session.call(withdrawConsent, { params: { consentId } });
    return { refused };
  });
  await asked.refused;
  const held = await sql`select id from assignment where deadline > now()`;
  assert.deepEqual([...held], []);
});
