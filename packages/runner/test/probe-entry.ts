/**
 * What foreign code could try after it broke out of V8's sandbox: plain JavaScript in the runner's own process
 * and worker, started by the same command line. Prints one JSON line of what worked.
 */

import { getPriority, hostname, networkInterfaces, setPriority } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { dropSignals, dropWorkerRights } from '../src/confinement.ts';

type Attempt = () => unknown;

const attempts: Readonly<Record<string, Attempt>> = {
  connect: async () => {
    const { connect } = await import('node:net');
    await new Promise((resolve, reject) =>
      connect(Number(target('port')), '127.0.0.1', () => resolve(1)).on('error', reject),
    );
  },
  listen: async () => {
    const { createServer } = await import('node:net');
    await new Promise((resolve, reject) =>
      createServer()
        .on('error', reject)
        .listen(0, () => resolve(1)),
    );
  },
  datagram: async () => {
    const { createSocket } = await import('node:dgram');
    const socket = createSocket('udp4');
    await new Promise((resolve, reject) =>
      socket
        .on('error', reject)
        .send('x', Number(target('port')), '127.0.0.1', (error) => (error ? reject(error) : resolve(1))),
    );
  },
  fetch: () => fetch(`http://127.0.0.1:${target('port')}/`),
  lookUp: async () => (await import('node:dns/promises')).resolve('example.invalid'),
  readKey: async () => (await import('node:fs')).readFileSync(target('key')),
  readSystemFile: async () => (await import('node:fs')).readFileSync('/etc/passwd'),
  listRoot: async () => (await import('node:fs')).readdirSync('/'),
  readByDescriptor: async () => (await import('node:fs')).openSync(target('key'), 'r'),
  write: async () => (await import('node:fs')).writeFileSync(target('key'), 'gone'),
  writeTemporary: async () => (await import('node:fs')).mkdtempSync('/tmp/probe-'),
  spawn: async () => {
    const { spawnSync } = await import('node:child_process');
    const { error } = spawnSync('/bin/true');
    if (error) throw error;
  },
  fork: async () => (await import('node:child_process')).fork('/tmp/none.js'),
  shell: async () => (await import('node:child_process')).execSync('id'),
  evaluate: () => new Function('return 1')(),
  inspector: async () => (await import('node:inspector')).open(0),
  systemWasi: async () =>
    new (await import('node:wasi')).WASI({ version: 'preview1', preopens: { '/': '/' } }),
  nativeCode: async () => process.dlopen({ exports: {} } as never, '/lib/x86_64-linux-gnu/libm.so.6'),
  signal: () => process.kill(Number(target('parent')), 0),
  rawSignal: () => {
    const { _kill } = process as unknown as { _kill(pid: number, signal: number): number };
    if (_kill(Number(target('parent')), 0) !== 0) throw new Error('no such process');
  },
  debugParent: () => {
    const { _debugProcess } = process as unknown as { _debugProcess(pid: number): void };
    // No process has this number: to be asked at all is what counts.
    _debugProcess(2 ** 22 + 1);
  },
  slowParent: () => setPriority(Number(target('parent')), getPriority(Number(target('parent')))),
  becomeAnother: () => {
    // Without the walls it would work, and end the probe.
    if (process.permission === undefined) throw new Error('not tried');
    process.execve?.('/bin/true', ['true'], {});
  },
  cluster: async () => (await import('node:cluster')).default.fork(),
  environment: () => {
    const names = Object.keys(process.env).filter((name) => name !== 'PWD');
    if (names.length === 0) throw new Error('empty');
  },
  forgedPermission: async () => {
    (process as { permission?: unknown }).permission = undefined;
    return (await import('node:fs')).readFileSync(target('key'));
  },
  freerWorker: () => inFreerWorker(`fs.readFileSync(${JSON.stringify(target('key'))})`),
};

/** Runs code in a worker that has been started with no arguments of Node's, so that no permission binds it. */
async function inFreerWorker(code: string): Promise<unknown> {
  const source = `import fs from 'node:fs'; import { parentPort } from 'node:worker_threads';
    parentPort.postMessage(String(${code}));`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  return new Promise((resolve, reject) => {
    const worker = new Worker(url, { execArgv: [], env: {}, resourceLimits: { codeRangeSizeMb: 16 } });
    worker.on('message', resolve);
    worker.on('error', reject);
  });
}

/** What the process can see of the machine, and the limits that it is under. */
async function look(): Promise<object> {
  const { userLimits } = process.report.getReport() as { userLimits: object };
  return {
    user: process.getuid?.(),
    hostname: hostname(),
    interfaces: Object.keys(networkInterfaces()),
    root: await inFreerWorker(`fs.readdirSync('/')`).catch(String),
    userLimits,
  };
}

const targets = new URLSearchParams(process.argv[3] ?? '');

function target(name: string): string {
  return targets.get(name) ?? '';
}

async function tryAll(): Promise<string[]> {
  const worked: string[] = [];
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
      worked.push(name);
    } catch {
      // Refused, as it should be.
    }
  }
  return worked;
}

if (isMainThread) {
  if (process.permission !== undefined) dropSignals();
  const main = await tryAll();
  const seen = process.permission === undefined ? {} : await look();
  const resourceLimits = { codeRangeSizeMb: 16 };
  const worker = new Worker(new URL(import.meta.url), {
    argv: process.argv.slice(2),
    env: {},
    resourceLimits,
  });
  worker.on('message', (inWorker) => {
    process.stdout.write(`${JSON.stringify({ main, worker: inWorker, seen })}\n`, () => process.exit(0));
  });
} else {
  dropWorkerRights();
  parentPort?.postMessage(await tryAll());
}
