/**
 * What foreign code could try after it broke out of V8's sandbox: plain JavaScript in the runner's own process
 * and worker, started by the same command line. Prints one JSON line of what worked.
 */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { dropWorkerRights } from '../src/confinement.ts';

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
  cluster: async () => (await import('node:cluster')).default.fork(),
  environment: () => {
    const names = Object.keys(process.env).filter((name) => name !== 'PWD');
    if (names.length === 0) throw new Error('empty');
  },
  forgedPermission: async () => {
    (process as { permission?: unknown }).permission = undefined;
    return (await import('node:fs')).readFileSync(target('key'));
  },
  freerWorker: async () => {
    const source = `import fs from 'node:fs'; fs.readFileSync(${JSON.stringify(target('key'))});`;
    const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
    await new Promise((resolve, reject) => {
      const worker = new Worker(url, { execArgv: [], env: {}, resourceLimits: { codeRangeSizeMb: 16 } });
      worker.on('error', reject);
      worker.on('exit', (code) => (code === 0 ? resolve(1) : reject(new Error(String(code)))));
    });
  },
};

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
  const main = await tryAll();
  const resourceLimits = { codeRangeSizeMb: 16 };
  const worker = new Worker(new URL(import.meta.url), {
    argv: process.argv.slice(2),
    env: {},
    resourceLimits,
  });
  worker.on('message', (inWorker) => {
    process.stdout.write(`${JSON.stringify({ main, worker: inWorker })}\n`, () => process.exit(0));
  });
} else {
  dropWorkerRights();
  parentPort?.postMessage(await tryAll());
}
