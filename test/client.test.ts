/** What a customer does, from an empty folder to a failed unit computed at home, on real parts. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { prepareJob } from '@taika/client/job/prepare-job';
import { connectGrid } from '@taika/client/sdk/grid';
import type { InvoiceId, JobId, MoneyText } from '@taika/protocol/schema';
import { waitFor } from '@taika/testing/wait-for';
import { brokenPrograms } from './broken-programs.ts';
import { type Economy, openEconomy } from './economy.ts';
import { assertRefused, jsonOf, type RunOptions, runProgram, succeeded, taika } from './run-program.ts';
import { writeSmallWeather } from './small-weather.ts';

let economy: Economy;
let home: string;

before(async () => {
  economy = await openEconomy();
  await economy.run(await economy.join('Emi'));
  home = join(economy.directory, 'customer');
  const { dispatchUrl, customerKey } = economy.companies;
  succeeded(await customer(['login', '--url', dispatchUrl], { input: `${customerKey}\n` }));
});
after(() => economy?.[Symbol.asyncDispose]());

test('from an empty folder to a result: init, local, submit, watch, result agree', async () => {
  const folder = join(economy.directory, 'first');
  succeeded(await customer(['init', folder]));
  assertRefused(await customer(['init', folder]), { code: 2, says: /job\.yaml is there already/ });
  const jobFile = join(folder, 'job.yaml');
  const local = succeeded(await customer(['local', jobFile, '-o', '-']));
  assert.equal(local, '3 one\n3 two\n5 three\n4 four\n4 five\n3 six\n');
  const submitted = await customer(['submit', jobFile, '--key', 'first']);
  const jobId = succeeded(submitted).trim();
  assert.match(submitted.stderr, /people whom you do not know read the input/);
  const again = await customer(['submit', jobFile, '--key', 'first', '--json']);
  assert.equal(jsonOf<{ jobId: string }>(again).jobId, jobId);
  assert.doesNotMatch(again.stderr, /people whom you do not know/);
  assert.match(succeeded(await customer(['watch', jobId])), /is done\. Its result: taika result/);
  const fetched = await customer(['result', jobId]);
  assert.equal(succeeded(fetched), local);
  assert.match(fetched.stderr, /nothing is checked.* "trust: standard" in the job file/);
  const told = await taika(['result', jobId], {
    environment: { TAIKA_HOME: home, LC_ALL: '', LC_MESSAGES: '', LANG: 'ja_JP.UTF-8' },
  });
  assert.match(told.stderr, /検査は行われず.*trust: standard/);
  assert.match(succeeded(await customer(['logs', jobId])), /No unit failed/);
});

test('bytes are piped in and the result is piped out, with the price and the pace in the log', async () => {
  const jobFile = join(economy.directory, 'first', 'job.yaml');
  const piped = join(economy.directory, 'first', 'piped.yaml');
  await writeFile(piped, (await readFile(jobFile, 'utf8')).replace('input: input.txt', 'input: -'));
  const ran = await customer(['run', piped], { input: 'seven\neight\nnine\n' });
  assert.equal(succeeded(ran), '5 seven\n5 eight\n4 nine\n');
  assert.match(ran.stderr, /\d\/2 units, .*fuel, [\d.]+ JPY: /);
  assert.equal(succeeded(await customer(['local', piped], { input: 'seven\n' })), '5 seven\n');
  assert.match(
    succeeded(await customer(['quote', piped], { input: 'a\nb\nc\n' })),
    /^2 units, all computed here/,
  );
  for (const verb of ['run', 'local', 'quote'])
    assertRefused(await customer([verb, piped], { input: '' }), {
      code: 1,
      says: /The input is empty, so there is nothing to compute\./,
    });
});

test('a failed unit is told by logs and computed at home with its exact input; a mended program passes', async () => {
  const folder = join(economy.directory, 'failing');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'program.wasm'), brokenPrograms['exit-3']);
  await writeFile(join(folder, 'input.csv'), 'a,b\n1,2\n');
  await writeFile(
    join(folder, 'job.yaml'),
    'name: failing\nprogram: ./program.wasm\ninput: input.csv\nsplit: { by: csv, header: true, records: 1 }\n' +
      'merge: { by: lines }\nprivacy: public\n',
  );
  assertRefused(await customer(['run', join(folder, 'job.yaml')]), { code: 1, says: /taika logs/ });
  const [{ jobId }] = jsonOf<[{ jobId: string }]>(await customer(['jobs', '--json']));
  assert.match(succeeded(await customer(['logs', jobId])), /unit 0: exit code 3\nline 1: 3 numbers/);
  const input = join(folder, 'unit.csv');
  assertRefused(await customer(['replay', jobId, '--save-input', input]), {
    code: 1,
    says: /ended unit 0 with exit code 3\. It wrote:\nline 1: 3 numbers/,
  });
  assert.equal(await readFile(input, 'utf8'), 'a,b\n1,2\n');
  const mended = join(folder, 'mended.ts');
  await writeFile(mended, 'import { readText, write } from "taika";\nwrite(readText());\n');
  const replayed = await customer(['replay', jobId, '0', '--program', mended]);
  assert.equal(succeeded(replayed), 'a,b\n1,2\n');
  assertRefused(await customer(['replay', jobId, '5']), { code: 2, says: /has the units 0 to 0/ });
});

test('the SDK streams events and results from a cursor, and its end ends what is open', async () => {
  await using grid = connectGrid(economy.companies);
  await using job = await prepareJob(join(economy.directory, 'first', 'job.yaml'));
  const handle = await grid.submit(job, { idempotencyKey: 'sdk' });
  assert.equal((await grid.submit(job, { idempotencyKey: 'sdk' })).id, handle.id);
  const seen = await Array.fromAsync(handle.results());
  assert.deepEqual(
    seen.map(({ unit, bytes }) => [unit, new TextDecoder().decode(bytes)]),
    [
      [0, '3 one\n3 two\n'],
      [1, '5 three\n4 four\n'],
      [2, '4 five\n3 six\n'],
    ],
  );
  const rest = await Array.fromAsync(grid.job(handle.id).results({ after: seen[1]?.cursor }));
  assert.deepEqual(
    rest.map(({ unit }) => unit),
    [2],
  );
  const views = await Array.fromAsync(handle.events());
  assert.equal(views.at(-1)?.state, 'done');
  const again = await Array.fromAsync(handle.events({ after: views.at(-1)?.cursor }));
  assert.equal(again.length, 1);

  const closing = connectGrid(economy.companies);
  await closing[Symbol.asyncDispose]();
  await assert.rejects(closing.job(handle.id).view(), { name: 'AbortError' });
  await assert.rejects(handle.view(AbortSignal.abort()), { name: 'AbortError' });
});

test('the example in docs/JOBS.md runs as it stands', async () => {
  const document = await readFile('docs/JOBS.md', 'utf8');
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(document) ?? [];
  const imports = example.split('\n').filter((line) => line.startsWith('import '));
  const rest = example.split('\n').filter((line) => !line.startsWith('import '));
  const { dispatchUrl, customerKey } = economy.companies;
  // Beside the packages that it imports, as a customer's own program would be.
  const file = resolve(`node_modules/.documented-example-${process.pid}.mjs`);
  const given = `const { dispatchUrl, customerKey } = ${JSON.stringify({ dispatchUrl, customerKey })};
    const kept = [];
    const keep = async (unit, bytes) => kept.push([unit, new TextDecoder().decode(bytes)]);`;
  await writeFile(
    file,
    [...imports, given, ...rest, 'console.log(JSON.stringify({ kept, state: view.state }));'].join('\n'),
  );
  try {
    const ran = await runProgram([process.execPath, file], { directory: join(economy.directory, 'first') });
    assert.deepEqual(jsonOf(ran), {
      kept: [
        [0, '3 one\n3 two\n'],
        [1, '5 three\n4 four\n'],
        [2, '4 five\n3 six\n'],
      ],
      state: 'done',
    });
  } finally {
    await rm(file, { force: true });
  }
});

test('what a job is invoiced lies within what was quoted from a sample of it', async () => {
  const { path } = await writeSmallWeather(economy.directory, { members: 60, records: 1 });
  const quoted = jsonOf<QuoteJson>(await customer(['quote', path, '--samples', '8', '--json']));
  assert.equal(quoted.estimate.unitsSampled, 8);
  assert.equal(quoted.estimate.units, 60);
  assert.deepEqual(
    quoted.prices.map(({ level }) => level),
    ['plain', 'economy', 'standard', 'high', 'strict'],
  );
  assert.ok(quoted.capacity.terminals >= 1);
  const output = join(economy.directory, 'quoted.csv');
  const { job } = jsonOf<{ job: { jobId: JobId; fuel: string } }>(
    await customer(['run', path, '-o', output, '--json']),
  );
  const { low, high } = quoted.estimate.fuel;
  assert.ok(
    BigInt(low) <= BigInt(job.fuel) && BigInt(job.fuel) <= BigInt(high),
    `${low} ${job.fuel} ${high}`,
  );
  const grid = connectGrid(economy.companies);
  const { invoiceId } = await waitFor('the invoice', async () => {
    const view = await grid.job(job.jobId).view();
    return view.invoiceId === undefined ? undefined : view;
  });
  const { total } = await grid.invoice(invoiceId as InvoiceId);
  const price = quoted.prices.find(({ isOwn }) => isOwn);
  assert.ok(BigInt(total.amountMilli) >= BigInt(price?.low.amountMilli ?? -1), total.amountMilli);
  assert.ok(BigInt(total.amountMilli) <= BigInt(price?.high.amountMilli ?? -1), total.amountMilli);
  const text = succeeded(await customer(['quote', path, '--samples', '2', '--rented', '4.5 JPY']));
  assert.match(
    text,
    /Price, tax included, by trust level .*:\n[\s\S]*strict[\s\S]*On rented machines at 4\.5 JPY a core-hour/,
  );
});

test('Ctrl-C cancels nothing and says how to watch and how to cancel', async () => {
  const folder = join(economy.directory, 'endless');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'program.wasm'), brokenPrograms.endless);
  await writeFile(
    join(folder, 'job.yaml'),
    'name: endless\nprogram: ./program.wasm\nsplit: { by: range, from: 0, to: 1, records: 1 }\n' +
      'merge: { by: lines }\nprivacy: public\n',
  );
  const child = spawn(
    process.execPath,
    [resolve('programs/taika/src/main.ts'), 'run', join(folder, 'job.yaml'), '-o', join(folder, 'out')],
    { env: { ...process.env, TAIKA_HOME: home } },
  );
  let told = '';
  let wasInterrupted = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
    if (wasInterrupted || !/Submitted as job/.test(told)) return;
    wasInterrupted = child.kill('SIGINT');
  });
  const code = await new Promise((done) => child.once('close', done));
  assert.equal(code, 130, told);
  const [, jobId = ''] = /taika watch (\S+)\nCancel it with: taika cancel \1/.exec(told) ?? [];
  const [newest] = jsonOf<[{ jobId: string; state: string }]>(await customer(['jobs', '--json']));
  assert.equal(newest.jobId, jobId);
  assert.ok(newest.state === 'splitting' || newest.state === 'running', newest.state);
  assert.match(succeeded(await customer(['cancel', jobId])), /is cancelled/);
});

interface QuoteJson {
  readonly estimate: {
    readonly units: number;
    readonly unitsSampled: number;
    readonly fuel: { readonly low: string; readonly high: string };
  };
  readonly prices: readonly {
    readonly level: string;
    readonly isOwn: boolean;
    readonly low: MoneyText;
    readonly high: MoneyText;
  }[];
  readonly capacity: { readonly terminals: number };
}

function customer(words: readonly string[], options: RunOptions = {}) {
  return taika(words, { ...options, environment: { TAIKA_HOME: home } });
}
