import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { type ServiceOptions, startService } from '../src/up/service.ts';

/** Counts its starts in a file, is killed at the first `killed` of them, and then serves. */
function killedAtFirst(folder: string, killed: number): string {
  return `
    const { appendFileSync, readFileSync } = require('node:fs');
    appendFileSync(${JSON.stringify(join(folder, 'starts'))}, 'x');
    if (readFileSync(${JSON.stringify(join(folder, 'starts'))}, 'utf8').length <= ${killed}) process.kill(process.pid, 'SIGKILL');
    appendFileSync(${JSON.stringify(join(folder, 'serves'))}, 'x');
    setInterval(() => {}, 1000);`;
}

function optionsFor(folder: string, source: string, restarts: string[]): ServiceOptions {
  return {
    name: 'dispatch server',
    command: ['-e', source],
    logFile: join(folder, 'log'),
    isReady: async () => (await readFile(join(folder, 'serves'), 'utf8')).length > 0,
    onRestart: (name) => restarts.push(name),
  };
}

test('a server that is killed before it serves is started again', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'service-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const restarts: string[] = [];
  await using _service = await startService(optionsFor(folder, killedAtFirst(folder, 2), restarts));
  assert.deepEqual(restarts, ['dispatch server', 'dispatch server']);
});

test('a server that says itself that it cannot start ends the start, with what it said', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'service-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const restarts: string[] = [];
  await writeFile(join(folder, 'serves'), '');
  const source = `console.error('The port is taken.'); process.exit(1);`;
  await assert.rejects(startService(optionsFor(folder, source, restarts)), /The port is taken/);
  assert.deepEqual(restarts, []);
});
