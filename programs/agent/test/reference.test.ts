import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { generateKeyPair } from '@taika/crypto/keys';
import { silentLogger } from '@taika/runtime/logger';
import { waitFor } from '@taika/testing/wait-for';
import { createNodeHost } from '../src/node/node-host.ts';
import { runReference } from '../src/reference/run-reference.ts';
import { largeLetters, longOutput } from './programs.ts';
import { startStandIn } from './stand-in.ts';

const limits = { cores: 2, memoryMiB: 512 };

test('a reference executor computes without registration and consent, in the form that it is asked for', async () => {
  await using stand = await startStandIn();
  using home = temporaryHome();
  const key = await generateKeyPair();
  await stand.enrol(key.publicKey);
  const inputs = Array.from({ length: 6 }, (_unit, index) => `0letters ${index}\n`);
  stand.setJob({
    artefact: largeLetters(),
    judgingForms: [largeLetters(), longOutput()],
    inputs,
    runSize: 2,
  });
  const host = await createNodeHost(home.path, { terminal: key, priority: 'ordinary' });
  await using reference = runReference(host, { dispatchUrl: stand.url, limits });
  await reference.answered;
  await waitFor('all is computed', () => stand.results.size === 6);
  const long = 'x'.repeat(100_000);
  const texts = [0, 1, 2, 3, 4, 5].map((unit) => stand.results.get(unit));
  assert.deepEqual(texts, ['0LETTERS 0\n', '0LETTERS 1\n', long, long, '0LETTERS 4\n', '0LETTERS 5\n']);
  assert.deepEqual(stand.verdicts, ['accepted', 'accepted', 'accepted']);
  await waitFor('it has read the last verdict', () => reference.view().counts.accepted === 6);
});

test('a reference executor that the contractor does not know says so and goes on asking', async () => {
  await using stand = await startStandIn();
  using home = temporaryHome();
  const said: string[] = [];
  const log = { ...silentLogger, warn: (_fields: object, sentence = '') => void said.push(sentence) };
  const host = await createNodeHost(home.path, {
    log,
    terminal: await generateKeyPair(),
    priority: 'ordinary',
  });
  await using reference = runReference(host, { dispatchUrl: stand.url, limits });
  await waitFor('it says why', () => said.some((sentence) => /register/i.test(sentence)));
  assert.equal(reference.view().reason?.code, 'terminal-unknown');
});

function temporaryHome(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'taika-reference-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
