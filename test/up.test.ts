/** `taika up` as its reader starts it: what it says adds up, it goes on after anything, and it leaves nothing behind. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import type { InvoiceText } from '@taika/protocol/dispatch/money';
import type { VendorClaimText } from '@taika/protocol/vendor/services';
import { waitFor } from '@taika/testing/wait-for';
import { jsonOf, succeeded, taika } from './run-program.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** On the marker every process that came from a start is found again, by its environment or its command line. */
const marker = `taika-up-test-${randomUUID()}`;
const rest = new AsyncDisposableStack();
const timeoutMs = 400_000;
let data: string;
let environment: NodeJS.ProcessEnv;
/** What the first start had made when it was killed. */
let first: { readonly jobId: string; readonly keyHints: string[]; readonly customerKey: string };

before(async () => {
  data = rest.use(await temporaryFolder(marker)).path;
  environment = { TAIKA_HOME: data };
  rest.defer(() => {
    for (const { pid } of processesOf(marker)) process.kill(pid, 'SIGKILL');
  });
});
after(() => rest.disposeAsync());

test('it is killed in the middle of the job; a port that was taken is replaced and said', async () => {
  await using _taken = await takePort(7410);
  const up = start();
  // A fast machine would end the job while we look: whatever computes is held from its first moment on.
  const held = new Set<number>();
  await waitFor(
    'units are being computed',
    () => {
      for (const { pid } of runnersOf(up)) {
        if (!held.has(pid)) process.kill(pid, 'SIGSTOP');
        held.add(pid);
      }
      return held.size > 1;
    },
    { timeoutMs },
  );
  assert.match(up.said(), /Port 7410 is taken; \d+ is used\./);
  const { customerKey } = JSON.parse(await readFile(join(data, 'profile.json'), 'utf8'));
  const [job] = jsonOf<JobViewText[]>(await taika(['jobs', '--json'], { environment }));
  assert.ok(job?.state === 'running');
  first = { jobId: job.jobId, keyHints: await keyHints(), customerKey };
  up.child.kill('SIGKILL');
  await once(up.child, 'close');
  for (const pid of held) process.kill(pid, 'SIGCONT');
});

test('the next start goes on with the same job, members and customer, and stays up', async () => {
  const up = start();
  await waitFor('everything stays up', () => up.said().includes('Ctrl-C stops everything'), { timeoutMs });
  const { customerKey } = JSON.parse(await readFile(join(data, 'profile.json'), 'utf8'));
  assert.equal(customerKey, first.customerKey);
  assert.deepEqual(await keyHints(), first.keyHints);
  const jobs = jsonOf<JobViewText[]>(await taika(['jobs', '--json'], { environment }));
  assert.deepEqual(
    jobs.map(({ jobId, state }) => [jobId, state]),
    [[first.jobId, 'done']],
  );
  for (const name of ['shop', 'lookup']) {
    const [url] =
      new RegExp(`http://\\S+(?=   # the .*${name === 'shop' ? 'shop' : 'search'})`).exec(up.said()) ?? [];
    assert.equal((await fetch(url ?? '')).status, 200, name);
  }
  const status = jsonOf<{ state: string }>(await taika(['agent', 'status', '--json'], { environment }));
  assert.equal(status.state, 'running');

  const second = start('--once');
  const [refused] = await once(second.child, 'close');
  assert.equal(refused, 1);
  assert.match(second.said(), /running on .* already \(process \d+\)[\s\S]*--data FOLDER/);
  assert.equal(
    jsonOf<unknown[]>(await taika(['jobs', '--json'], { environment })).length,
    1,
    'It is not disturbed.',
  );

  const family = familyOf(up.child.pid ?? 0);
  assert.ok(family.length >= 8, `PostgreSQL, servers, agents, services: ${family.length} processes`);
  // As a terminal does it: to the whole group.
  process.kill(-(up.child.pid ?? 0), 'SIGINT');
  const [code] = await once(up.child, 'close');
  assert.equal(code, 0, up.said().slice(-2000));
  await waitFor('no process is left', () => {
    const left = [...processesOf(marker), ...family.filter(isAlive)];
    if (left.length > 0) throw new Error(left.map(({ pid, command }) => `${pid} ${command}`).join('\n'));
    return true;
  });
});

test('--json ends with one object whose amounts agree, and the file is that of one machine', async () => {
  const up = start('--json');
  const [code] = await once(up.child, 'close');
  assert.equal(code, 0, up.said());
  const told = JSON.parse(up.printed().trimEnd().split('\n').at(-1) ?? '') as Told;
  assert.deepEqual(Object.keys(told), ['job', 'license', 'points', 'invoices', 'timings']);
  assert.notEqual(told.job.jobId, first.jobId);
  assertAmounts(told);
  assert.deepEqual(await keyHints(), first.keyHints);
  assert.equal(processesOf(marker).length, 0);

  const file = join(data, 'local.csv');
  succeeded(await taika(['local', 'examples/weather/job.yaml', '-o', file, '--quiet']));
  const ours = await readFile(told.job.resultFile);
  assert.ok(ours.equals(await readFile(file)), 'The grid gives other bytes than one machine.');
  const interrupted = join(data, 'jobs', first.jobId, 'result.csv');
  assert.ok(ours.equals(await readFile(interrupted)), 'The interrupted job gives other bytes.');
});

interface Told {
  readonly job: JobViewText & { readonly resultFile: string };
  readonly license: { readonly state: string };
  readonly points: readonly {
    readonly availableMilli: string;
    readonly pendingMilli: string;
    readonly evidenceMilli: string;
  }[];
  readonly invoices: { readonly customer: InvoiceText; readonly vendorClaims: readonly VendorClaimText[] };
  readonly timings: Readonly<Record<string, number>>;
}

function assertAmounts({ job, license, points, invoices: { customer, vendorClaims }, timings }: Told): void {
  assert.equal(license.state, 'licensed');
  const [line] = customer.lines;
  assert.ok(line && customer.lines.length === 1);
  assert.deepEqual([line.jobId, line.fuel, line.units], [job.jobId, job.fuel, job.units.done]);
  // Rounded once, half up, to thousandths of a yen.
  const perFuel = BigInt(line.perFuel);
  const worth = BigInt(line.fuel) * BigInt(line.price.amountMilli) * BigInt(line.factorThousandths);
  const price = (2n * worth + 1000n * perFuel) / (2000n * perFuel);
  assert.equal(BigInt(line.amount.amountMilli), price);
  assert.equal(job.price.amountMilli, line.amount.amountMilli);
  const [net, tax, total] = [customer.net, customer.tax, customer.total].map((money) =>
    BigInt(money.amountMilli),
  );
  assert.ok(net !== undefined && tax !== undefined && total !== undefined);
  assert.equal(net + tax, total);
  const difference = net - price;
  assert.ok(
    net % 1000n === 0n && difference > -1000n && difference < 1000n,
    'Net is the price in whole yen.',
  );
  // Half up, in whole yen.
  assert.equal(tax, ((net * BigInt(customer.taxBasisPoints) + 5_000_000n) / 10_000_000n) * 1000n);
  // Two jobs of the same fuel were computed: half a point for each thousandth of the price, rounded down for each member.
  const earned = points.reduce(
    (sum, each) => sum + BigInt(each.availableMilli) + BigInt(each.pendingMilli) + BigInt(each.evidenceMilli),
    0n,
  );
  const due = (2n * BigInt(job.fuel) * 500n) / 1_000_000_000n;
  assert.ok(due - earned >= 0n && due - earned < BigInt(points.length), `${earned} of ${due}`);
  assert.deepEqual(
    vendorClaims.map(({ kind, state, amount }) => [kind, state, amount.amountMilli]),
    [['license-fee', 'accrued', '30000']],
  );
  assert.match(
    customer.number,
    /^INV-\d{4}-000002$/,
    'The first job’s invoice is still there, and was not repeated.',
  );
  assert.ok(Object.values(timings).every((ms) => Number.isInteger(ms) && ms >= 0));
}

interface Started {
  readonly child: ChildProcess;
  /** All that it printed, both streams. */
  said(): string;
  /** Standard output alone. */
  printed(): string;
}

/** Starts it as `npm start` does, in a process group of its own, as a terminal gives it one. */
function start(...flags: readonly string[]): Started {
  const words = [resolve('programs/taika/bin/taika.js'), 'up', '--data', data, ...flags];
  const child = spawn(process.execPath, words, {
    detached: true,
    env: { ...process.env, TAIKA_TEST_MARKER: marker },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return { child, said: () => said, printed: () => printed };
}

async function keyHints(): Promise<string[]> {
  const answers = await Promise.all(
    ['Aiko', 'Ben'].map((name) => taika(['agent', 'key', '--json', '--agent', name], { environment })),
  );
  return answers.flatMap((answer) =>
    jsonOf<{ product: string; licenseKey: string }[]>(answer).map(
      ({ product, licenseKey }) => `${product} ${licenseKey}`,
    ),
  );
}

async function takePort(port: number): Promise<AsyncDisposable> {
  const server: Server = createServer();
  // Where somebody else has it already, it is taken all the same.
  await new Promise<void>((done) => {
    server.once('error', () => done());
    server.listen(port, '127.0.0.1', done);
  });
  return {
    async [Symbol.asyncDispose]() {
      await new Promise((done) => server.close(done));
    },
  };
}

interface ProcessSeen {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly isMarked: boolean;
}

/** Every process that was started under this marker, with our own not counted. */
function processesOf(text: string): ProcessSeen[] {
  return listProcesses(text).filter(({ isMarked, pid }) => isMarked && pid !== process.pid);
}

/** The processes in which customers' programs run, below those that we started. */
function runnersOf({ child }: Started): ProcessSeen[] {
  return familyOf(child.pid ?? 0).filter(({ command }) => command.includes('--permission'));
}

/** A process and all that it started, and those again. */
function familyOf(pid: number): ProcessSeen[] {
  const all = listProcesses(marker);
  const family = all.filter((each) => each.pid === pid || each.isMarked);
  for (const member of family)
    family.push(...all.filter((each) => each.parent === member.pid && !family.includes(each)));
  return family;
}

function isAlive({ pid, command }: ProcessSeen): boolean {
  return listProcesses(marker).some((each) => each.pid === pid && each.command === command);
}

/** From /proc, so that nothing need be installed; where there is none, nothing is seen. */
function listProcesses(text: string): ProcessSeen[] {
  const read = (pid: string, name: string) => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, 'latin1');
    } catch {
      return '';
    }
  };
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const command = read(name, 'cmdline').replaceAll('\0', ' ').trim();
      const parent = Number(/\) \S (\d+)/.exec(read(name, 'stat'))?.[1] ?? 0);
      const isMarked = command.includes(text) || read(name, 'environ').includes(text);
      // Without a command line it is a zombie or the kernel's own.
      return command === '' ? [] : [{ pid: Number(name), parent, command, isMarked }];
    });
}
