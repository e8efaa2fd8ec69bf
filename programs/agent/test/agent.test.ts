import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { waitFor } from '@taika/testing/wait-for';
import { buildAgentArtifact } from '../src/build-artifact.ts';
import { askAgent } from '../src/node/control.ts';
import { createAgentProcess } from './agent-process.ts';
import { largeLetters, longOutput } from './programs.ts';
import { startStandIn } from './stand-in.ts';

const inputs = (count: number, lead = '0') =>
  Array.from({ length: count }, (_unit, index) => `${lead}letters ${index}\n`);

test('a member registers, consents and computes: every unit once, in a log, with points', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  stand.behave.confirmLater = 1;
  await agent.prepare(stand.url);
  assert.equal([...stand.registrations.values()][0]?.state, 'acknowledged');
  assert.equal(statSync(join(agent.home, 'terminal.key.json')).mode & 0o777, 0o600);
  stand.setJob({ artefact: largeLetters(), inputs: inputs(20), runSize: 6, header: '0head\n' });
  await agent.run();
  await waitFor('all units are accepted', () => stand.results.size === 20);
  for (let index = 0; index < 20; index++)
    assert.equal(stand.results.get(index), `0HEAD\n0LETTERS ${index}\n`);
  const status = await waitFor('the status knows', async () => {
    const seen = await agent.status();
    return seen.units.accepted === 20 && seen.registrations[0]?.license.state === 'licensed'
      ? seen
      : undefined;
  });
  assert.equal(status.state, 'running');
  assert.equal(status.points?.pendingMilli, '20000');
  assert.ok((status.isolationLevel ?? 0) >= 1);
  await agent.ok('stop');
  const lines = (await agent.ok('log', '--json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(
    lines.reduce((sum, run) => sum + run.units.length, 0),
    20,
  );
  assert.match(await agent.ok('log', '--last', '1'), /unit \d+: \d+ ms, \d+ bytes in, \d+ bytes out/);
  assert.match(await agent.ok('key'), /AAAAA-BBBBB/);
});

test('inputs by range, long outputs, exit codes and traps arrive as what they are', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  stand.setJob({
    artefact: largeLetters(),
    inputs: ['0a', '!b', '0c', '?d', '0e'],
    runSize: 5,
    isRanged: true,
  });
  await agent.run();
  await waitFor('all are in', () => stand.results.size === 5);
  assert.deepEqual([...stand.results.values()], ['0A', '', '0C', '', '0E']);
  assert.deepEqual(stand.failures, [
    { at: 1, exitCode: 3 },
    { at: 3, trap: 'unreachable' },
  ]);
  await agent.ok('stop');
});

test('a long output is uploaded before it is reported', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  stand.setJob({ artefact: longOutput(), inputs: ['0'], runSize: 1 });
  await agent.run();
  await waitFor('it is in', () => stand.results.get(0)?.length === 100_000);
  assert.ok(stand.requests.some(({ reports }) => reports[0]?.blobs?.[0]?.bytes === 100_000));
});

test('replies that are lost on the way are asked for again under the same id, and nothing is counted twice', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  stand.setJob({ artefact: largeLetters(), inputs: inputs(12), runSize: 3 });
  stand.behave.loseReplies = 3;
  await agent.run();
  await waitFor('all are in', () => stand.results.size === 12);
  assert.deepEqual(new Set(stand.verdicts), new Set(['accepted']));
});

test('damaged input, and a program that the contractor did not sign, go back uncomputed', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  stand.setJob({ artefact: largeLetters(), inputs: inputs(4), runSize: 4, isRanged: true });
  stand.behave.forgeArtefact = true;
  await agent.run();
  await waitFor('the unsigned program goes back', () => stand.verdicts.includes('accepted input-damaged'));
  stand.behave.damage = true;
  stand.behave.forgeArtefact = false;
  const before = stand.verdicts.length;
  await waitFor('the damaged input goes back', () => stand.verdicts.length > before);
  assert.equal(stand.results.size, 0);
  stand.behave.damage = false;
  stand.behave.flip = true;
  const flippedFrom = stand.verdicts.length;
  await waitFor('the flipped input goes back', () => stand.verdicts.length > flippedFrom);
  assert.equal(stand.verdicts.at(-1), 'accepted input-damaged');
  assert.equal(stand.results.size, 0);
  stand.behave.flip = false;
  await waitFor('it is computed once all is well', () => stand.results.size === 4);
});

test('the first call of an agent says that it begins, and no later one', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  stand.setJob({ artefact: largeLetters(), inputs: inputs(6), runSize: 2 });
  await agent.run();
  await waitFor('all units are accepted', () => stand.results.size === 6);
  const begun = stand.requests.map(({ begins }) => begins === true);
  assert.ok(begun.length > 1);
  assert.deepEqual(
    begun,
    begun.map((_, nth) => nth === 0),
  );
  await agent.ok('stop');
});

test('an agent that is killed and started again finishes the job', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  stand.setJob({ artefact: largeLetters(), inputs: inputs(30, '9'), runSize: 4 });
  const first = await agent.run();
  await waitFor('some are in', () => stand.results.size >= 4);
  first.kill('SIGKILL');
  await new Promise((resolve) => first.on('exit', resolve));
  const before = stand.results.size;
  await agent.run();
  await waitFor('it goes on', () => stand.results.size > before + 4);
});

test('nothing runs without a consent, and withdrawing ends computing within two seconds, without a network', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.ok(
    'register',
    '--vendor',
    stand.url,
    '--product',
    'editor',
    '--name',
    'A',
    '--contact',
    'a@b.c',
  );
  const refused = await agent.command('run');
  assert.equal(refused.code, 1);
  assert.match(refused.err, /has not agreed[\s\S]*taika agent consent/);
  assert.match(await agent.ok('consent'), /What is never done[\s\S]*--accept-terms 2026-11/);
  assert.match(await agent.ok('consent', '--locale', 'ja'), /決して行わないこと/);
  assert.equal((await agent.command('consent', '--accept-terms', '1')).code, 2);
  assert.equal(stand.consents.size, 0);
  await agent.ok('consent', '--accept-terms', '2026-11');
  stand.setJob({ artefact: largeLetters(), inputs: inputs(50, 'z'), runSize: 50 });
  await agent.run();
  await waitFor('it computes', async () => (await agent.status()).runs.length > 0);
  stand.behave.loseReplies = 1000;
  const start = performance.now();
  await askAgent(agent.home, { verb: 'withdraw' });
  assert.ok(performance.now() - start < 2000);
  const { state, runs, reason } = await agent.status();
  assert.deepEqual([state, runs.length, reason.code], ['registered', 0, 'no-consent']);
  await waitFor('the contractor is told', () =>
    [...stand.consents.values()].every(({ withdrawn }) => withdrawn),
  );
  assert.equal(await agent.ok('log'), '');
  await agent.ok('consent', '--accept-terms', '2026-11');
  await waitFor('it computes again', async () => (await agent.status()).state === 'running');
});

test('a pause reports the finished prefix and returns the rest; resume goes on; the wish outlives a restart', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  stand.setJob({ artefact: largeLetters(), inputs: inputs(40, 'A'), runSize: 40 });
  const child = await agent.run('--cores', '1');
  await waitFor('a unit is done', async () => (await agent.status()).units.computed >= 1);
  await agent.ok('pause', '1h');
  await waitFor('the rest went back', () => stand.verdicts.includes('accepted paused'));
  assert.ok(stand.results.size >= 1 && stand.results.size < 40);
  const paused = await agent.status();
  assert.equal(paused.state, 'paused');
  assert.ok(paused.pausedUntil);
  await waitFor('the server is told of the pause', () => stand.requests.at(-1)?.state === 'paused');
  await agent.ok('stop');
  await new Promise((resolve) => (child.exitCode === null ? child.on('exit', resolve) : resolve(undefined)));
  assert.equal((await agent.status()).state as string, 'not-running');
  await agent.run();
  assert.equal((await agent.status()).state, 'paused');
  await agent.ok('resume');
  const before = stand.results.size;
  await waitFor('it goes on', () => stand.results.size > before || stand.requests.at(-1)?.want !== undefined);
});

test('finish ends what is held, then pauses or stops', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  stand.setJob({ artefact: largeLetters(), inputs: inputs(200, '5'), runSize: 4 });
  const child = await agent.run();
  await waitFor('it computes', () => stand.results.size > 0);
  await agent.ok('finish', '--stop');
  await new Promise((resolve) => (child.exitCode === null ? child.on('exit', resolve) : resolve(undefined)));
  assert.equal(child.exitCode, 0);
  assert.ok(!stand.verdicts.some((verdict) => verdict.includes('stopped')));
});

test('a key of a service is shown, orders are listed, confirmed and declined by the terminal’s key', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  const said = await agent.ok(
    'register',
    '--vendor',
    stand.url,
    '--product',
    'shop',
    '--name',
    'A',
    '--contact',
    'a@b.c',
  );
  assert.match(said, /Your license key: AAAAA-/);
  assert.match(await agent.ok('orders'), /awaiting-confirmation +1,000 JPY +300 +700 JPY/);
  assert.match(await agent.ok('confirm', '0000000000aa'), /300 points are spent/);
  const claims = JSON.parse(Buffer.from(stand.confirmed[0]?.split('.')[1] ?? '', 'base64url').toString());
  assert.deepEqual([claims.pointsMilli, claims.priceMilli, claims.currency], ['300000', '1000000', 'JPY']);
  assert.match(await agent.ok('decline', '0000000000aa'), /free again/);
  assert.equal((await agent.command('confirm', 'nothing')).code, 2);
});

test('a vendor out of reach leaves the grant to its offline allowance; one that refuses ends it at once', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  const licenseBecomes = (state: string) =>
    waitFor(`the license is ${state}`, async () => {
      const { license } = (await agent.status()).registrations[0] ?? {};
      return license?.state === state ? license : undefined;
    });
  const restart = async (grants: 'given' | 'down' | 'not-computing') => {
    await agent.ok('stop');
    await waitFor('it has ended', async () => ((await agent.status()).state as string) === 'not-running');
    stand.behave.grants = grants;
    await agent.run();
  };
  await agent.run();
  await licenseBecomes('licensed');
  await restart('down');
  assert.ok(((await licenseBecomes('offline')).leftMs ?? 0) > 7 * 3600_000);
  await restart('not-computing');
  assert.equal((await licenseBecomes('not-computing')).reason?.sentence, 'Too little.');
  await restart('given');
  await licenseBecomes('licensed');
});

test('a terminal that was revoked says so, its license too, and what to do', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  stand.behave.isRevoked = true;
  stand.setJob({ artefact: largeLetters(), inputs: inputs(4), runSize: 2 });
  await agent.run();
  const status = await waitFor('both are known', async () => {
    const seen = await agent.status();
    const isKnown = seen.registrations[0]?.license.state === 'revoked';
    return seen.reason.code === 'terminal-revoked' && isKnown ? seen : undefined;
  });
  assert.equal(status.reason.sentence, 'This terminal was revoked.');
  assert.equal(status.reason.remedy, 'Ask the contractor why.');
  assert.match(status.registrations[0]?.license.reason?.sentence ?? '', /the license is revoked/);
  const text = await agent.ok('status');
  assert.match(text, /This terminal was revoked\.\n {2}Ask the contractor why\./);
  assert.match(text, /so the license is revoked\. Ask the contractor why; the application can be bought/);
  assert.equal(stand.results.size, 0);
  await agent.ok('stop');
});

test('a terminal that may be let in again says what happened and what now, in two languages, and is back by itself', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  stand.behave.isSuspended = true;
  stand.setJob({ artefact: largeLetters(), inputs: inputs(4), runSize: 2 });
  await agent.run();
  await waitFor('both are known', async () => {
    const { reason, registrations } = await agent.status();
    return reason.code === 'terminal-suspended' && registrations[0]?.license.state === 'suspended';
  });
  const english = await agent.ok('status');
  assert.match(english, /gets no work for now: one of its results was found wrong/);
  assert.match(english, /License: suspended\n {2}The contractor found a wrong result .* is back by itself\./);
  const japanese = await agent.ok('status', '--locale', 'ja');
  assert.match(japanese, /この端末には今、仕事が渡されません。/);
  assert.match(
    japanese,
    /ライセンスは休止します。エージェントは動かしたままにしてください。.*自動で戻ります。/,
  );
  stand.behave.isSuspended = false;
  // A terminal that was refused calls again after half a minute.
  await waitFor('it computes again', () => stand.results.size === 4, { timeoutMs: 45_000 });
  await waitFor('the license is back', async () => {
    const { registrations } = await agent.status();
    return registrations[0]?.license.state === 'licensed';
  });
  await agent.ok('stop');
});

test('a license that the vendor has no more says so, and registering again makes a new one', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  const again = [
    'register',
    '--vendor',
    stand.url,
    '--product',
    'editor',
    '--name',
    'A',
    '--contact',
    'a@b.c',
  ];
  await agent.ok(...again);
  assert.equal(stand.registrations.size, 1, 'What the vendor has is not made anew.');
  stand.behave.hasForgotten = true;
  await agent.run();
  const { license } = await waitFor('it is known', async () => {
    const [registration] = (await agent.status()).registrations;
    return registration?.license.state === 'ended' ? registration : undefined;
  });
  assert.equal(license.reason?.code, 'license-unknown');
  assert.match(license.reason?.remedy ?? '', /^Register again with `taika agent register`/);
  assert.match(
    await agent.ok('status', '--locale', 'ja'),
    /ライセンスがもうありません。`taika agent register`/,
  );
  await agent.ok(...again);
  assert.equal(stand.registrations.size, 2);
  stand.behave.hasForgotten = false;
  await agent.ok('consent', '--accept-terms', '2026-11', '--cores', '2');
  await waitFor('the new license is there', async () => {
    const { registrations } = await agent.status();
    return registrations.length === 1 && registrations[0]?.license.state === 'licensed';
  });
  await agent.ok('stop');
});

test('the vendor is asked after the dispatch server has seen the terminal, and again at once where it had not', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  await agent.run();
  await waitFor('the license is there', () => stand.grantAnswers.length > 0);
  assert.equal(stand.grantAnswers[0]?.answer, 'given');
  stand.behave.missTerminal = 1;
  await agent.ok('resume');
  const [, missed, given] = await waitFor('it asked twice more', () =>
    stand.grantAnswers.length > 2 ? stand.grantAnswers : undefined,
  );
  assert.deepEqual([missed?.answer, given?.answer], ['unseen', 'given']);
  // The stand-in asks to be called every 200 ms; by the pace after refusals it would be three seconds at least.
  assert.ok((given?.atMs ?? 0) - (missed?.atMs ?? 0) < 2000);
});

test('a consent with other limits takes effect in the running agent at once', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  await agent.run('--cores', '2', '--memory', '800');
  const asksWith = (parallel: number, memoryMiB: number) =>
    waitFor(`it asks for ${parallel} cores`, () => {
      const { want } = stand.requests.at(-1) ?? {};
      return want?.parallel === parallel && want.memoryMiB === memoryMiB;
    });
  await agent.ok('consent', '--accept-terms', '2026-11', '--cores', '2', '--memory', '700');
  await asksWith(2, 700);
  stand.setJob({ artefact: largeLetters(), inputs: inputs(40, '9'), runSize: 20 });
  await waitFor('it computes', async () => ((await agent.status()).units.computed ?? 0) > 0);
  const said = await agent.ok('consent', '--accept-terms', '2026-11', '--cores', '1', '--memory', '600');
  assert.match(said, /running agent computes on up to 1 core with 600 MiB from now on/);
  await asksWith(1, 600);
  assert.deepEqual([(await agent.status()).cores, (await agent.status()).memoryMiB], [1, 600]);
  await waitFor('all is computed, within the new limits too', () => stand.results.size === 40);
});

test('forget ends the registration at the vendor and leaves nothing', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess();
  await agent.prepare(stand.url);
  const child = await agent.run();
  await agent.ok('forget');
  await new Promise((resolve) => (child.exitCode === null ? child.on('exit', resolve) : resolve(undefined)));
  assert.equal([...stand.registrations.values()][0]?.state, 'ended');
  assert.throws(() => statSync(agent.home), { code: 'ENOENT' });
});

test('a home whose path is longer than a socket may be works', async () => {
  await using stand = await startStandIn();
  await using agent = await createAgentProcess({ homeName: `a home/${'long'.repeat(40)}` });
  await agent.prepare(stand.url);
  await agent.run();
  assert.ok((await agent.status()).sockets.link.length < 104);
  const second = await agent.command('run');
  assert.equal(second.code, 1);
  assert.match(second.err, /Another agent is running/);
});

test('one file is the whole agent: it runs in an empty directory, and is small', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'taika-file-'));
  const { bytes, sha256, file } = await buildAgentArtifact({ outFile: join(directory, 'taika-agent.mjs') });
  const again = await buildAgentArtifact({ outFile: join(directory, 'again.mjs') });
  assert.equal(again.sha256, sha256);
  assert.ok(bytes < 350_000, `${bytes} bytes`);
  const { status, stdout } = spawnSync(process.execPath, [file, 'run', '--help'], {
    cwd: directory,
    encoding: 'utf8',
  });
  assert.equal(status, 0);
  assert.match(stdout, /--cores/);
  rmSync(directory, { recursive: true });
});

test('what is misused ends with 2 and says how it is used', async () => {
  await using agent = await createAgentProcess();
  const { code, err } = await agent.command('register');
  assert.equal(code, 2);
  assert.match(err, /--vendor/);
  assert.equal((await agent.command('pause', 'soon')).code, 2);
});
