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

interface Probed {
  readonly main: string[];
  readonly worker: string[];
  readonly seen: {
    readonly user: number;
    readonly hostname: string;
    readonly interfaces: readonly string[];
    readonly root: string;
    readonly userLimits: Readonly<Record<string, { readonly soft: number | string }>>;
  };
}

/** What the probes are told: what to reach. */
function targets(): string {
  const { port } = server.address() as AddressInfo;
  return new URLSearchParams({ key, port: String(port), parent: String(process.pid) }).toString();
}

/** The runner's own command line with the probe in place of the runner; undefined where the level is out of reach. */
async function probe(level: 1 | 2 | 3): Promise<Probed | undefined> {
  const file = fileURLToPath(new URL('probe-entry.ts', import.meta.url));
  const entry: RunnerEntry = { file, readable: [...ownRunnerEntry().readable, `${dirname(file)}/`] };
  const command = runnerCommand(level, entry, sandboxOptions(echo));
  if (command === undefined) return undefined;
  writeFileSync(key, 'secret');
  const child = spawn(command.file, [...command.args, targets()], {
    env: {},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let complaint = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    complaint += chunk;
  });
  await once(child, 'close');
  // The tool may be there and forbidden to work; anything else that ends a probe is a failure.
  if (out === '' && /^(bwrap|prlimit):/m.test(complaint)) return undefined;
  assert.notEqual(out, '', complaint);
  return JSON.parse(out);
}

for (const level of [1, 2, 3] as const) {
  test(`at level ${level} injected JavaScript reaches nothing`, async (context) => {
    const probed = await probe(level);
    if (probed === undefined) {
      assert.ok(level > 1, 'Node alone must be enough for level 1.');
      return context.skip(`This machine does not reach level ${level}.`);
    }
    context.diagnostic(`Level ${level} was reached.`);
    // The main thread may start workers, and a worker started with other arguments is free: no wall of Node's,
    // so foreign code never runs there, and at level 3 the free worker finds an empty machine.
    assert.deepEqual(probed.main, level === 3 ? [] : ['freerWorker']);
    assert.deepEqual(probed.worker, []);
    assert.equal(readFileSync(key, 'utf8'), 'secret');
    if (level >= 2) checkLimits(probed);
    if (level === 3) checkEmptyMachine(probed);
  });
}

function checkLimits({ seen: { userLimits } }: Probed): void {
  assert.equal(userLimits.core_file_size_blocks?.soft, 0);
  assert.equal(userLimits.file_size_blocks?.soft, 0);
  assert.equal(userLimits.open_files?.soft, 256);
  const data = Number(userLimits.data_seg_size_bytes?.soft);
  assert.ok(data > 2 ** 29 && data < 2 ** 32, `${data} bytes of data`);
}

function checkEmptyMachine({ seen }: Probed): void {
  assert.deepEqual([seen.user, seen.hostname], [65_534, 'runner']);
  assert.deepEqual(
    seen.interfaces.filter((name) => name !== 'lo'),
    [],
  );
  const folders = seen.root.split(',');
  for (const absent of ['proc', 'sys', 'root', 'boot', 'var', 'run', 'mnt'])
    assert.ok(!folders.includes(absent), seen.root);
}

test('the same attempts do work without the walls, so they would be seen', async () => {
  const file = fileURLToPath(new URL('probe-entry.ts', import.meta.url));
  writeFileSync(key, 'secret');
  const child = spawn(process.execPath, [file, '-', targets()]);
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  await once(child, 'close');
  const { main } = JSON.parse(out) as { main: string[] };
  const all = ['connect', 'fetch', 'readKey', 'write', 'spawn', 'evaluate', 'environment'];
  for (const name of [...all, 'signal', 'rawSignal', 'slowParent', 'freerWorker']) {
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
