/** An application for computing (SPEC A1 to A9), step by step as in figures 1 and 2, through real processes. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parsePublicKey } from '@taika/crypto/keys';
import { verifyToken } from '@taika/crypto/token';
import { createCaller } from '@taika/http/call';
import { tokenTypes } from '@taika/protocol/tokens';
import { download, listProducts, readLatestRelease, readVendorAbout } from '@taika/protocol/vendor/catalogue';
import { listMembers } from '@taika/protocol/vendor/licenses';
import { listVendorClaims } from '@taika/protocol/vendor/services';
import { systemClock } from '@taika/runtime/clock';
import { systemRandom } from '@taika/runtime/random';
import { waitFor } from '@taika/testing/wait-for';
import { agentStatus, type Member, startAgent } from 'taika/up/member';
import type { Service } from 'taika/up/service';
import { agent, assertNoDefects, type Economy, openEconomy } from './economy.ts';
import { type EditorProcess, startEditor } from './editor-process.ts';
import { assertPointsKnown, assertSettled } from './invariants.ts';
import { assertRefused, jsonOf, succeeded } from './run-program.ts';
import { computeLocally, prepareSmallWeather } from './small-weather.ts';

let economy: Economy;
let member: Member;
let running: Service;
let editor: EditorProcess;
const rest = new AsyncDisposableStack();

before(async () => {
  economy = rest.use(await openEconomy());
});
after(() => rest.disposeAsync());

test('A1, A2: the vendor hands out application and agent, each under its digest, in a release that it signed', async () => {
  const caller = createCaller({
    baseUrl: economy.companies.vendorUrl,
    clock: systemClock,
    random: systemRandom,
  });
  const { items } = await caller.call(listProducts);
  assert.ok(items.some(({ product, kind }) => product === 'editor' && kind === 'application'));
  const release = await caller.call(readLatestRelease, { params: { product: 'editor' } });
  const { publicKey } = await caller.call(readVendorAbout);
  await verifyToken(release.manifest, {
    type: tokenTypes.releaseManifest,
    keys: parsePublicKey(publicKey),
    expiry: 'optional',
    now: new Date(),
  });
  const { downloads, agent: agentHome } = economy.layout.member('Chiyo');
  await mkdir(downloads, { recursive: true });
  const files = new Map<string, string>();
  for (const { role, name, sha256 } of release.files) {
    const response = await caller.open(download, { params: { sha256 } });
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256);
    files.set(role, join(downloads, name));
    await writeFile(join(downloads, name), bytes);
  }
  assert.deepEqual([...files.keys()].sort(), ['agent', 'application']);
  member = {
    name: 'Chiyo Tanaka',
    contact: 'chiyo@example.org',
    product: 'editor',
    agentHome,
    agentFile: files.get('agent') ?? '',
    applicationFile: files.get('application'),
  };
});

test('A3 to A6: no license key before the dispatch server confirmed; the same command then completes', async () => {
  const { servers, vendorUrl, vendor } = economy.companies;
  await servers.dispatch.stop();
  const words = ['register', '--vendor', vendorUrl, '--product', 'editor'];
  const registering = agent(member, [...words, '--name', member.name, '--contact', member.contact]);
  const waiting = await waitFor('the vendor stored the member and waits', async () => {
    const { items } = await vendor.call(listMembers);
    const stored = items.find(({ name }) => name === member.name)?.registrations[0];
    return stored?.reason === undefined ? undefined : stored;
  });
  assert.equal(waiting.state, 'requested');
  assert.match(waiting.reason?.sentence ?? '', /dispatch server is out of reach/);
  assert.equal(waiting.licenseId, undefined);
  assert.equal(waiting.licenseKeyHint, undefined);
  const [{ count } = {}] = await economy.vendorSql`select count(*)::int as count from license`;
  assert.equal(count, 0);
  assert.match(succeeded(await agent(member, ['key'])), /There is no license key yet/);
  assert.equal((await agentStatus(member)).registrations[0]?.license.state, 'none');

  await servers.dispatch.start();
  const said = succeeded(await registering);
  assert.match(said, /… .*out of reach/, 'It says why it waits.');
  assert.match(said, /The license key is stored/);
  const [stored] = jsonOf<{ licenseKey: string }[]>(await agent(member, ['key', '--json']));
  assert.match(stored?.licenseKey ?? '', /^([0-9A-Z]{5}-){4}[0-9A-Z]{5}$/);
  const registered = (await vendor.call(listMembers)).items.find(({ name }) => name === member.name);
  assert.deepEqual(
    registered?.registrations.map(({ registrationId, state, licenseKey }) => [
      registrationId,
      state,
      licenseKey,
    ]),
    [[waiting.registrationId, 'acknowledged', undefined]],
  );

  const again = await agent(member, [...words, '--name', member.name, '--contact', 'x@y.example', '--json']);
  assert.equal(jsonOf<{ registrationId: string }>(again).registrationId, waiting.registrationId);
});

test('A4, A5: both companies have the member, and only the vendor knows who it is', async () => {
  const [known] = await economy.sql<{ text: string }[]>`
    select concat_ws(' ', to_jsonb(registration), to_jsonb(member), to_jsonb(terminal)) as text
    from registration
    cross join member
    cross join terminal
  `;
  assert.ok(known);
  assert.doesNotMatch(known.text, /Chiyo|Tanaka|example\.org/);
  const [row] = await economy.vendorSql<{ text: string }[]>`
    select to_jsonb(license)::text as text
    from license
  `;
  const [stored] = jsonOf<{ licenseKey: string }[]>(await agent(member, ['key', '--json']));
  assert.ok(stored && row);
  assert.ok(!row.text.replaceAll('-', '').includes(stored.licenseKey.replaceAll('-', '')));
});

test('nothing is computed before the member agreed to the text that was shown', async () => {
  assertRefused(await agent(member, ['run']), { code: 1, says: /The member has not agreed to lend/ });
  await using job = await prepareSmallWeather(economy.directory, { members: 8, records: 1 });
  const local = await computeLocally(job);
  const handle = await economy.grid.submit(job);
  await waitFor('the job waits and says for what', async () => {
    const { state, reason, units } = await handle.view();
    return state === 'running' && reason.code === 'no-terminal' && units.out === 0;
  });
  assert.match(
    succeeded(await agent(member, ['status'])),
    /^not-running: The member has not agreed to lend this terminal\.\n {2}Read and accept the text/,
  );
  const shown = succeeded(await agent(member, ['consent', '--locale', 'en', '--cores', '1']));
  for (const part of [/Contractor Kumo/, /Vendor Fude/, /no access to your files/, /480 JPY/, /withdraw/])
    assert.match(shown, part);
  assert.match(
    succeeded(await agent(member, ['consent', '--locale', 'ja'])),
    /[\p{Script=Hiragana}\p{Script=Han}]{20}/u,
  );
  assertRefused(await agent(member, ['consent', '--accept-terms', '1999-01']), {
    code: 2,
    says: /1999-01|version/,
  });
  assert.equal((await handle.view()).units.out, 0);
  const [, version] = /--accept-terms (\S+)/.exec(shown) ?? [];
  assert.ok(version);
  succeeded(await agent(member, ['consent', '--cores', '1', '--accept-terms', version]));
  running = rest.use(await startAgent(member, economy.layout, 1, () => {}));
  await assertSettled(economy, handle, local);
  await assertPointsKnown(economy, [member]);
});

test('A7: the application is licensed only while the agent runs, and what was written is never locked in', async () => {
  const documents = join(economy.directory, 'documents');
  await mkdir(documents, { recursive: true });
  await writeFile(join(documents, 'notes.md'), '# One');
  editor = rest.use(
    await startEditor([process.execPath, member.applicationFile ?? '', documents], {
      TAIKA_AGENT_HOME: member.agentHome,
      XDG_STATE_HOME: economy.directory,
    }),
  );
  await editor.licensed('active');
  assert.equal((await editor.ask('create', { name: 'new.md' })).status, 200);
  const { registrations } = await agentStatus(member);
  assert.equal(registrations[0]?.license.state, 'licensed');
  assert.match(succeeded(await agent(member, ['status'])), /Application +editor \S+, licensed/);

  succeeded(await agent(member, ['stop']));
  assert.equal(await editor.licensed('restricted', 5000), 'stopping');
  await waitFor('the agent’s process has ended', () => hasEnded(running));
  assert.equal((await agentStatus(member)).state, 'not-running');
  assert.equal((await editor.ask('create', { name: 'other.md' })).status, 402);
  const { json: opened } = await editor.ask('open', { name: 'notes.md' });
  const version = String(opened.version);
  assert.equal((await editor.ask('save', { name: 'notes.md', text: '# Two', version })).status, 200);
  assert.equal(await readFile(join(documents, 'notes.md'), 'utf8'), '# Two');
  assert.equal((await editor.ask('export', { name: 'notes.md', text: '# Two' })).status, 200);
  assert.match(await readFile(join(documents, 'notes.html'), 'utf8'), /<h1>Two<\/h1>/);

  await running.start();
  await editor.licensed('active');
  assert.equal((await editor.ask('create', { name: 'other.md' })).status, 200);
});

test('the verbs: a pause with an end costs no license, switching off does, finishing takes nothing new', async () => {
  succeeded(await agent(member, ['pause', '15m']));
  await waitFor('it is paused', async () => (await agentStatus(member)).state === 'paused');
  await using job = await prepareSmallWeather(economy.directory, { members: 24, records: 1 });
  const local = await computeLocally(job);
  const handle = await economy.grid.submit(job);
  await editor.licensed('active');
  assert.match(
    succeeded(await agent(member, ['status'])),
    /^paused: The member paused this terminal[\s\S]*Paused until/,
  );

  succeeded(await agent(member, ['pause']));
  // What was promised already may be kept to its end, but the member is told at once.
  assert.equal(await editor.licensed(['draining', 'restricted'], 5000), 'not_computing');
  assert.equal((await handle.view()).units.done, 0);
  assertRefused(await agent(member, ['pause', 'a-while']), { code: 2, says: /a-while/ });

  succeeded(await agent(member, ['resume']));
  await editor.licensed('active');
  await waitFor('it computes', async () => (await handle.view()).units.done > 0, { timeoutMs: 180_000 });
  succeeded(await agent(member, ['finish']));
  await waitFor('it has ended what it held', async () => (await agentStatus(member)).state === 'paused');
  await waitFor('nothing is out', async () => (await handle.view()).units.out === 0);
  succeeded(await agent(member, ['resume']));
  await assertSettled(economy, handle, local);
});

test('C4: withdrawing ends everything within two seconds, without a network too', async () => {
  await using job = await prepareSmallWeather(economy.directory, { members: 96, records: 1 });
  const local = await computeLocally(job);
  const handle = await economy.grid.submit(job);
  await waitFor('units are out', async () => (await handle.view()).units.out > 0);
  const { dispatch, vendor } = economy.companies.servers;
  for (const { pid } of [dispatch, vendor]) process.kill(pid ?? 0, 'SIGSTOP');
  const withdrawn = agent(member, ['withdraw']);
  try {
    assert.equal(await editor.licensed('restricted', 10_000), 'consent_withdrawn');
    assert.match(succeeded(await withdrawn), /computing has ended and the work data is deleted/);
    assert.equal((await agentStatus(member)).state, 'registered');
  } finally {
    for (const { pid } of [dispatch, vendor]) process.kill(pid ?? 0, 'SIGCONT');
  }
  await waitFor('its units are back', async () => (await handle.view()).units.out === 0, {
    timeoutMs: 180_000,
  });
  const { textVersion } = jsonOf<{ textVersion: string }>(await agent(member, ['consent', '--json']));
  succeeded(await agent(member, ['consent', '--cores', '1', '--accept-terms', textVersion]));
  await editor.licensed('active');
  await assertSettled(economy, handle, local);
});

test('A8: the vendor claims its license fee once, and both companies’ books have it', async () => {
  const read = async () => {
    const { items } = await economy.companies.vendor.call(listVendorClaims);
    const theirs = await economy.sql`
      select kind, state, amount_milli::text as amount_milli
      from claim
    `;
    return { ours: items.map(({ kind, state, amount }) => [kind, state, amount.amountMilli]), theirs };
  };
  await waitFor('the claim is accrued', async () => (await read()).ours[0]?.[1] === 'accrued');
  for (const server of Object.values(economy.companies.servers)) {
    await server.stop();
    await server.start();
  }
  const { ours, theirs } = await read();
  assert.deepEqual(ours, [['license-fee', 'accrued', '30000']]);
  assert.deepEqual(
    theirs.map(({ kind, state, amountMilli }) => [kind, state, amountMilli]),
    ours,
  );
  await assertNoDefects(economy);
});

test('C4, T2, T4: every unit is in the log; forgetting ends the license and leaves nothing', async () => {
  const log = succeeded(await agent(member, ['log', '--json']))
    .trimEnd()
    .split('\n');
  assert.ok(log.length > 0 && log.every((line) => JSON.parse(line)));
  succeeded(await agent(member, ['forget']));
  await editor.licensed('restricted', 5000);
  await waitFor('the agent’s process has ended', () => hasEnded(running));
  assert.deepEqual(await readdir(member.agentHome).catch(() => []), []);
  const [row] = await economy.vendorSql`
    select r.state, m.name, m.contact, l.state as license_state
    from registration r
    join member m on m.id = r.member_id
    join license l on l.registration_id = r.id
  `;
  assert.deepEqual({ ...row }, { state: 'ended', name: null, contact: null, licenseState: 'ended' });
  assert.match(succeeded(await agent(member, ['status'])), /This agent is not registered anywhere/);
  await assertNoDefects(economy);
});

/** Whether a process is no more; one that nobody waited for yet counts as gone when it cannot be signalled. */
function hasEnded({ pid }: Service): boolean {
  try {
    process.kill(pid ?? 0, 0);
    return false;
  } catch {
    return true;
  }
}
