import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateKeyPair, type PublicJwk } from '@taika/crypto/keys';
import { silentLogger } from '@taika/runtime/logger';
import { waitFor } from '@taika/testing/wait-for';
import type { Host } from '../src/core/host.ts';
import { createNodeHost } from '../src/node/node-host.ts';
import { lieAbout } from '../src/reference/lie.ts';
import { runDecoy } from '../src/reference/run-decoy.ts';
import { runReference } from '../src/reference/run-reference.ts';
import { largeLetters } from './programs.ts';
import { startStandIn } from './stand-in.ts';

const limits = { cores: 2, memoryMiB: 512 };
const inputs = Array.from({ length: 6 }, (_unit, index) => `0letters ${index}\n`);

test('a decoy computes what it is given and hands in known wrong outputs of the same length', async () => {
  await using stand = await startStandIn();
  stand.behave.ownRole = 'decoy';
  await using host = await ownHost(stand);
  stand.setJob({ artefact: largeLetters(), inputs, runSize: 2 });
  await using decoy = runDecoy(host.host, { dispatchUrl: stand.url, limits, restMs: 0 });
  await waitFor('all is handed in', () => stand.results.size === 6);
  for (const [index, input] of inputs.entries()) {
    const lie = await lieAbout(new TextEncoder().encode(input.toUpperCase()));
    assert.equal(stand.results.get(index), new TextDecoder().decode(lie));
    assert.notEqual(stand.results.get(index), input.toUpperCase());
  }
  await waitFor('it has read the last verdict', () => decoy.view().counts.accepted === 6);
});

test('a decoy rests after a time of work, and is stopped while it does', async () => {
  await using stand = await startStandIn();
  stand.behave.ownRole = 'decoy';
  await using host = await ownHost(stand);
  stand.setJob({ artefact: largeLetters(), inputs, runSize: 1 });
  const decoy = runDecoy(host.host, { dispatchUrl: stand.url, limits, restMs: 3_600_000 });
  await waitFor(
    'it handed in a lie',
    () => decoy.view().counts.accepted > 0 && decoy.view().runs.length === 0,
  );
  const handedIn = stand.results.size;
  const calls = stand.requests.length;
  stand.setJob({ artefact: largeLetters(), inputs: inputs.map((input) => `0${input}`), runSize: 1 });
  await host.host.clock.sleep(300);
  assert.ok(
    stand.requests.slice(calls).every(({ want }) => want === undefined),
    'It asks for nothing.',
  );
  assert.equal(stand.results.size, handedIn);
  await decoy[Symbol.asyncDispose]();
});

for (const [program, key, start] of [
  [
    'decoy',
    'reference',
    (host: Host, url: string) => runDecoy(host, { dispatchUrl: url, limits, restMs: 0 }),
  ],
  ['decoy', 'member', (host: Host, url: string) => runDecoy(host, { dispatchUrl: url, limits, restMs: 0 })],
  ['reference', 'decoy', (host: Host, url: string) => runReference(host, { dispatchUrl: url, limits })],
] as const) {
  test(`a ${program} under the key of a ${key} asks for nothing, hands nothing in, and says why`, async () => {
    await using stand = await startStandIn();
    stand.behave.ownRole = key;
    await using host = await ownHost(stand);
    stand.setJob({ artefact: largeLetters(), inputs, runSize: 2 });
    await using running = start(host.host, stand.url);
    await waitFor('it says why', () => host.said.length > 0);
    assert.equal(running.view().reason?.code, 'wrong-role');
    assert.match(
      host.said[0] ?? '',
      /^This is the key of a .*, and a (decoy|reference executor) must not run under it\./,
    );
    assert.match(host.said[0] ?? '', new RegExp(`taika contractor add-${program} --name NAME`));
    assert.equal(stand.requests.length, 0);
    assert.equal(stand.results.size, 0);
  });
}

async function ownHost(stand: { enrol(key: PublicJwk): Promise<void> }) {
  const path = mkdtempSync(join(tmpdir(), 'taika-decoy-'));
  const key = await generateKeyPair();
  await stand.enrol(key.publicKey);
  const said: string[] = [];
  const log = { ...silentLogger, warn: (_fields: object, sentence = '') => void said.push(sentence) };
  return {
    host: await createNodeHost(path, { log, terminal: key, priority: 'ordinary' }),
    said,
    async [Symbol.asyncDispose]() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
