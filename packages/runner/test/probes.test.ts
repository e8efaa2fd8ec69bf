import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ownRunnerEntry, type RunnerEntry, runnerCommand } from '../src/runner-command.ts';
import { echo, sandboxOptions } from './programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'taika-probe-'));
const key = join(folder, 'agent.key');
const server = createServer((_request, response) => response.end('reached'));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** The runner's own command line with the probe in place of the runner. */
async function probe(level: 1 | 2 | 3): Promise<{ main: string[]; worker: string[] } | undefined> {
  const file = fileURLToPath(new URL('probe-entry.ts', import.meta.url));
  const entry: RunnerEntry = { file, readable: [...ownRunnerEntry().readable, `${dirname(file)}/`] };
  const command = runnerCommand(level, entry, sandboxOptions(echo));
  if (command === undefined) return undefined;
  writeFileSync(key, 'secret');
  const { port } = server.address() as AddressInfo;
  const child = spawn(
    command.file,
    [...command.args, new URLSearchParams({ key, port: String(port) }).toString()],
    {
      env: {},
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await once(child, 'close');
  return out === '' ? undefined : JSON.parse(out);
}

for (const level of [1, 2, 3] as const) {
  test(`at level ${level} injected JavaScript reaches nothing`, async (context) => {
    const worked = await probe(level);
    if (worked === undefined && level > 1) return context.skip('This machine lacks the tools.');
    // The main thread may start workers, and a worker started with other arguments is free: no wall of Node's,
    // so foreign code never runs there, and at level 3 the free worker finds an empty machine.
    assert.deepEqual(worked, { main: level === 3 ? [] : ['freerWorker'], worker: [] });
    assert.equal(readFileSync(key, 'utf8'), 'secret');
  });
}

test('the same attempts do work without the walls, so they would be seen', async () => {
  const file = fileURLToPath(new URL('probe-entry.ts', import.meta.url));
  const { port } = server.address() as AddressInfo;
  writeFileSync(key, 'secret');
  const child = spawn(process.execPath, [
    file,
    '-',
    new URLSearchParams({ key, port: String(port) }).toString(),
  ]);
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await once(child, 'close');
  const { main } = JSON.parse(out) as { main: string[] };
  for (const name of ['connect', 'fetch', 'readKey', 'write', 'spawn', 'evaluate', 'environment']) {
    assert(main.includes(name), `${name} did not work.`);
  }
});

test('a runner without the permission model refuses to run programs', async () => {
  const { file } = ownRunnerEntry();
  const { RunnerProcess } = await import('../src/runner-process.ts');
  const options = sandboxOptions(echo);
  const { promise, resolve } = Promise.withResolvers<string>();
  const runner = new RunnerProcess({ file: process.execPath, args: [file, 'taika-runner'] }, options, {
    report: (report) => resolve(report.kind === 'refused' ? report.reason : report.kind),
    lost: resolve,
  });
  runner.send({ kind: 'open', setup: options });
  assert.match(await promise, /no permission model/);
  await runner.end();
});

test('bubblewrap keeps the runner from signalling its parent', (context) => {
  const command = runnerCommand(3, ownRunnerEntry(), sandboxOptions(echo));
  if (command === undefined) return context.skip('This machine has no bubblewrap.');
  const upToNode = command.args.slice(0, command.args.indexOf('--') + 2);
  const script = `process.kill(${process.pid}, 0)`;
  const ran = spawnSync(command.file, [...upToNode, '-e', script], { env: {}, encoding: 'utf8' });
  if (ran.stderr.includes('bwrap:')) return context.skip('Bubblewrap may not work here.');
  assert.match(ran.stderr, /ESRCH|EPERM/);
});
