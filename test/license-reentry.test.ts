/** A license whose terminal was revoked for a fault of the hardware, on two companies' real servers: it rests, comes back, and ends the second time. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RemoteError } from '@taika/http/call';
import type { LicenseId, VendorId } from '@taika/protocol/schema';
import { readLicense, requestGrant } from '@taika/protocol/vendor/licenses';
import { waitFor } from '@taika/testing/wait-for';
import { createGrid, createWorker } from '../programs/dispatch/test/support/grid.ts';
import { breakHardware, lieOnce, workUntilState } from '../programs/dispatch/test/support/hardware-fault.ts';
import { addOwnWorker } from '../programs/dispatch/test/support/own-terminal.ts';
import { bearer, giveConsent, openSession } from '../programs/dispatch/test/support/parties.ts';
import { registrationsStep } from '../programs/vendor/src/registrations/confirm-registration.ts';
import { createTerminal } from '../programs/vendor/test/fixture.ts';
import { startTwoCompanies, type TwoCompanies } from './two-companies.ts';

let companies: TwoCompanies;
before(async () => {
  companies = await startTwoCompanies({ isAhead: false });
});
after(() => companies?.[Symbol.asyncDispose]());

const sql = () => companies.dispatch.server.context.sql;

/** A member of the editor, whose terminal works by a function of the test's. */
async function join() {
  const { vendor, clock, dispatch } = companies;
  const terminal = await createTerminal({ vendor, clock });
  const { registrationId } = await terminal.register('editor');
  await registrationsStep(vendor.context);
  const { licenseId } = await terminal.register('editor', { registrationId });
  await terminal.acknowledge(registrationId);
  const { key: keyPair, thumbprint } = terminal;
  const session = await openSession(dispatch.url, { keyPair, thumbprint });
  const caller = bearer(dispatch.url, session);
  const vendorId = vendor.identity.vendorId as VendorId;
  await giveConsent(caller, { keyPair, thumbprint }, { vendorId, product: 'editor' });
  const [row] = await sql()<{ id: string }[]>`
    select t.id
    from terminal t
    join terminal_key k on k.terminal_number = t.number
    where k.thumbprint = ${thumbprint}
  `;
  assert.ok(row);
  const worker = createWorker(caller, row.id, session);
  await worker.cycle();
  return { terminal, worker, params: { licenseId: licenseId as LicenseId } };
}

type Joined = Awaited<ReturnType<typeof join>>;

/** What a request for a grant comes to: `licensed`, or the reason of the refusal. */
function ask({ terminal, params }: Joined): Promise<string> {
  return terminal.caller.call(requestGrant, { params }).then(
    ({ license }) => license.state,
    (error: unknown) => {
      assert.ok(error instanceof RemoteError && error.code === 'license-refused', String(error));
      return (error.problem.reason as { code: string }).code;
    },
  );
}

const becomes = (member: Joined, said: string) => waitFor(said, async () => (await ask(member)) === said);

test('a license rests after a wrong result, is back by itself after the re-entry, and the second wrong result ends it', async () => {
  const { dispatch } = companies;
  const grid = await createGrid(dispatch.url, dispatch.operatorKey);
  const neighbour = await join();
  const helpers = [await grid.terminal(), await addOwnWorker(dispatch, 'reference')];
  const member = await join();
  const { worker } = member;
  await becomes(member, 'licensed');

  const grants = () => companies.vendor.context.sql`
    select license_id, month, hours::text from license_month where license_id = ${member.params.licenseId}
  `;
  await breakHardware({ grid, sql: sql(), worker, helpers });
  await becomes(member, 'suspended');
  const hours = [...(await grants())];
  await neighbour.worker.cycle();
  await becomes(neighbour, 'licensed');

  await workUntilState({ sql: sql(), worker, helpers }, 'active');
  assert.deepEqual([...(await grants())], hours, 'No hour of the time away counts for a fee.');
  // The terminal calls again, as an agent does by itself; then the vendor has its evidence.
  await waitFor('the terminal is let in', () =>
    worker.cycle({ unitsMax: 0 }).then(
      () => true,
      ({ code }: RemoteError) => code !== 'terminal-revoked',
    ),
  );
  await becomes(member, 'licensed');
  const everyJobIsDone = async () =>
    (await sql()`select from job where state not in ('done', 'failed', 'cancelled')`).length === 0;
  await Promise.all(helpers.map((helper) => helper.workUntil(everyJobIsDone)));
  await Promise.all(helpers.map((helper) => helper.forgetHeld()));

  await lieOnce({ grid, sql: sql(), worker, helpers });
  await becomes(member, 'revoked');
  const { state, history } = await member.terminal.caller.call(readLicense, { params: member.params });
  assert.equal(state, 'revoked');
  const states = history?.map(({ to }) => to).filter((to) => to !== 'not-computing') ?? [];
  assert.deepEqual(states.slice(-3), ['suspended', 'licensed', 'revoked']);
  await neighbour.worker.cycle();
  await becomes(neighbour, 'licensed');
});
