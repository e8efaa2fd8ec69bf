/** Whatever cannot be done is refused with a sentence, a remedy and an exit code, and never with our insides. */
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { jobOfBytes } from '@taika/client';
import { connectGrid } from '@taika/client/sdk/grid';
import { generateKeyPair, thumbprint } from '@taika/crypto/keys';
import { signToken } from '@taika/crypto/token';
import { createCaller, RemoteError } from '@taika/http/call';
import { openTerminalSession, requestChallenge } from '@taika/protocol/dispatch/registrations';
import { limits } from '@taika/protocol/limits';
import { tokenTypes } from '@taika/protocol/tokens';
import { systemClock } from '@taika/runtime/clock';
import { systemRandom } from '@taika/runtime/random';
import { waitFor } from '@taika/testing/wait-for';
import type { Member } from 'taika/up/member';
import { brokenPrograms } from './broken-programs.ts';
import { agent, type Economy, openEconomy } from './economy.ts';
import { assertRefused, jsonOf, succeeded, taika } from './run-program.ts';

let economy: Economy;
let member: Member;
/** Home of a customer who is logged in, of another one, and of nobody. */
let home: string;
let otherHome: string;
let nobody: string;
/** A job that failed, of the first customer. */
let failedJob: string;

before(async () => {
  economy = await openEconomy();
  member = await economy.join('Daichi');
  await economy.run(member);
  [home, otherHome, nobody] = ['customer', 'other', 'nobody'].map((name) =>
    join(economy.directory, name),
  ) as [string, string, string];
  await login(home, economy.companies.customerKey);
});
after(() => economy?.[Symbol.asyncDispose]());

const good = {
  name: 'a job',
  program: './program.wasm',
  input: 'input.txt',
  split: '{ by: lines, records: 1 }',
  merge: '{ by: lines }',
  privacy: 'public',
};

test('a wrong job file is refused at its line and column', async () => {
  const cases: readonly [Partial<Record<keyof typeof good | 'speed', string>>, RegExp][] = [
    [{ split: '{ by: lines, records: 1' }, /job\.yaml:\d+:\d+: .* Expected valid YAML/],
    [{ speed: 'fast' }, /job\.yaml:7:1: There is no field speed\. Expected one of name, /],
    [{ split: '{ by: pages }' }, /job\.yaml:4:14: .* Expected one of lines, /],
    [{ split: '{ by: lines, records: many }' }, /job\.yaml:4:\d+: /],
    [{ privacy: 'secret' }, /job\.yaml:6:10: .* Expected public: you know/],
    [{ merge: '' }, /job\.yaml:5:\d+: /],
  ];
  for (const [changes, says] of cases) {
    const file = await writeJob('wrong', { ...good, ...changes });
    for (const verb of ['run', 'local']) assertRefused(await customer(home, [verb, file]), { code: 2, says });
  }
});

test('a job that cannot be is refused with one sentence here, by the SDK and by the server', async () => {
  const cases: readonly [fields: object, changes: object, sentence: string][] = [
    [
      { limits: '{ memory: 8GiB }' },
      { limits: { memoryMiB: 8192 } },
      'limits.memory: the memory of a unit is from 1 MiB to 4 GiB.',
    ],
    [
      { seed: '18446744073709551616' },
      { seed: '18446744073709551616' },
      'seed: a seed is a whole number of 64 bits, from -(2^63) to 2^64 - 1.',
    ],
    [
      { trust: 'high', copies: '2' },
      { trust: 'high', copies: 2 },
      'copies: a job has a trust level or copies, not both.',
    ],
    [
      { maxPrice: '0 JPY' },
      { maxPrice: { currency: 'JPY', amountMilli: '0' } },
      'maxPrice: it is at least one coin, and at most a billion of them.',
    ],
  ];
  const spec = {
    name: 'a job',
    split: { by: 'lines', records: 1 },
    merge: { by: 'lines' },
    privacy: 'public',
  } as const;
  const program = brokenPrograms.trapping;
  const digest = createHash('sha256').update(program).digest('hex');
  for (const [fields, changes, sentence] of cases) {
    const file = await writeJob('contradictory', { ...good, ...fields });
    for (const verb of ['local', 'quote', 'run', 'submit']) {
      const { code, stderr } = await customer(home, [verb, file]);
      assert.equal(code, 2, stderr);
      assert.ok(/job\.yaml:[78]:\d+: /.test(stderr) && stderr.includes(sentence), stderr);
    }
    const given = { ...spec, ...changes };
    await assert.rejects(jobOfBytes({ spec: given, program, input: new Uint8Array(2) }), {
      name: 'JobRefused',
      code: 'job-refused',
      message: sentence,
    });
    const { dispatchUrl, customerKey } = economy.companies;
    const response = await fetch(`${dispatchUrl}/v1/jobs/${randomUUID()}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${customerKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...given, program: digest, input: { sha256: digest, bytes: 1 } }),
    });
    const problem = await assertProblem(response);
    assert.deepEqual([problem.code, problem.detail], ['job-refused', sentence]);
  }
});

test('a program that is none is refused before a byte of the input is read or sent', async () => {
  const file = await writeJob('large', { ...good, input: 'large.bin' }, brokenPrograms['not-wasm']);
  // As large as inputs get, and without a byte on the disk: to read it would take minutes.
  await using large = await open(join(file, '..', 'large.bin'), 'w');
  await large.truncate(64 * 1024 ** 3);
  for (const verb of ['submit', 'local', 'quote']) {
    const began = performance.now();
    assertRefused(await customer(home, [verb, file]), { code: 2, says: /not a WebAssembly|magic/i });
    assert.ok(performance.now() - began < 20_000);
  }
  // The SDK leaves the program to the server, and has its answer before the input is sent.
  let read = 0;
  const bytes = new Uint8Array(1024);
  const notWasm = brokenPrograms['not-wasm'];
  await using job = await jobOfBytes({
    spec: { name: 'x', split: { by: 'whole' }, merge: { by: 'concat' }, privacy: 'public' },
    program: notWasm,
    input: bytes,
  });
  const { input } = job;
  assert.ok(input);
  const counted = {
    ...input,
    open() {
      read += 1;
      return input.open();
    },
    read(offset: number, length: number) {
      read += 1;
      return input.read(offset, length);
    },
  };
  await using grid = connectGrid(economy.companies);
  await assert.rejects(grid.submit({ ...job, input: counted }), { code: 'program-refused' });
  assert.equal(read, 0);
});

test('a file that is missing is named', async () => {
  const missing = join(economy.directory, 'nowhere', 'job.yaml');
  assertRefused(await customer(home, ['run', missing]), {
    code: 2,
    says: /nowhere\/job\.yaml: there is no such file/,
  });
  const noInput = await writeJob('no-input', { ...good, input: 'other.txt' });
  assertRefused(await customer(home, ['run', noInput]), {
    code: 2,
    says: /other\.txt: there is no such file/,
  });
  const noProgram = await writeJob('no-program', { ...good, program: './other.wasm' });
  assertRefused(await customer(home, ['run', noProgram]), { code: 2, says: /other\.wasm/ });
  assertRefused(await customer(home, ['run', economy.directory]), { code: 2, says: /a folder, not a file/ });
});

test('a broken program is refused, or its failure is told with the unit and the program’s own words', async () => {
  const cases: readonly [keyof typeof brokenPrograms, 1 | 2, RegExp][] = [
    ['not-wasm', 2, /not a WebAssembly|no WebAssembly|magic/i],
    ['forbidden-import', 2, /env/],
    ['trapping', 1, /Unit 0: trap unreachable/],
    ['exit-3', 1, /Unit 0: exit code 3\.\s+line 1: 3 numbers expected, 2 found/],
  ];
  for (const [name, code, says] of cases) {
    const file = await writeJob(name, good, brokenPrograms[name]);
    assertRefused(await customer(home, ['run', file]), { code, says });
    const { code: localCode, stderr } = await customer(home, ['local', file]);
    assert.ok(localCode === 1 || localCode === 2, stderr);
    assert.doesNotMatch(stderr, /^\s+at /m);
  }
  const [last] = jsonOf<{ jobId: string; state: string }[]>(await customer(home, ['jobs', '--json']));
  assert.ok(last?.state === 'failed');
  failedJob = last.jobId;
  assertRefused(await customer(home, ['result', failedJob]), { code: 2, says: /failed|no result|state/i });
});

test('an endless loop ends at the job’s time limit', async () => {
  const endless = { ...good, limits: '{ time: 1s }' };
  const file = await writeJob('endless', endless, brokenPrograms.endless);
  assertRefused(await customer(home, ['run', file]), {
    code: 1,
    says: /No terminal could finish a unit: each ran out of stack, time or memory/,
  });
  const [{ jobId } = { jobId: '' }] = jsonOf<{ jobId: string }[]>(await customer(home, ['jobs', '--json']));
  await waitFor('what was handed out is swept up', async () => {
    const [row] = await economy.sql<{ isSwept: boolean }[]>`
      select job_cursor.is_swept
      from job_cursor
      join job on job.number = job_cursor.job_number
      where job.id = ${jobId}
    `;
    return row?.isSwept;
  });
  assert.match(
    succeeded(await customer(home, ['logs', jobId])),
    /a terminal could not finish it \(time-limit\)/,
  );
  const { code, stderr } = await customer(home, ['local', file]);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /time/);
});

test('what belongs to another customer is not there', async () => {
  const operator = ['--url', economy.companies.dispatchUrl];
  const keyFile = ['--operator-key-file', economy.companies.operatorKeyFile];
  const added = await taika(
    ['contractor', 'add-customer', '--name', 'Another', '--json', ...operator, ...keyFile],
    { environment: { TAIKA_HOME: nobody } },
  );
  await login(otherHome, jsonOf<{ key: string }>(added).key);
  for (const verb of ['watch', 'result', 'cancel'])
    assertRefused(await customer(otherHome, [verb, failedJob]), {
      code: 2,
      says: /You have no job with this id/,
    });
  assert.deepEqual(jsonOf(await customer(otherHome, ['jobs', '--json'])), []);
  assert.deepEqual(jsonOf(await customer(otherHome, ['invoices', '--json'])), []);
  assertRefused(await customer(home, ['watch', 'my-job']), { code: 2, says: /my-job is no job/ });
});

test('a wrong key logs nobody in, and nothing works without one', async () => {
  const { dispatchUrl, customerKey } = economy.companies;
  const mistyped = customerKey.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  for (const key of [mistyped, 'hello', customerKey.slice(0, -2)])
    assertRefused(await customer(nobody, ['login', '--url', dispatchUrl, '--key', key]), {
      code: 2,
      says: /no key of this server|symbol of this key is wrong or missing|no key/,
    });
  for (const words of [['jobs'], ['invoices'], ['result', failedJob]])
    assertRefused(await customer(nobody, words), { code: 2, says: /known here/ });
  assert.match((await customer(nobody, ['jobs'])).stderr, /Log in with `taika login/);
  const asOperator = ['contractor', 'customers', '--url', dispatchUrl];
  assertRefused(await customer(nobody, asOperator), { code: 2, says: /operator/i });
  const wrongFile = join(economy.directory, 'wrong.key');
  await writeFile(wrongFile, 'not-the-key\n');
  assertRefused(await customer(nobody, [...asOperator, '--operator-key-file', wrongFile]), {
    code: 2,
    says: /This is no key of this server/,
  });
});

test('a server that does not run is said to be out of reach', async () => {
  const away = join(economy.directory, 'away');
  await mkdir(away, { recursive: true });
  const profile = { dispatchUrl: 'http://127.0.0.1:9', customerKey: economy.companies.customerKey };
  await writeFile(join(away, 'profile.json'), JSON.stringify(profile));
  assertRefused(await customer(away, ['jobs']), { code: 1, says: /The server cannot be reached/ });
  const registering = ['register', '--vendor', 'http://127.0.0.1:9', '--product', 'editor'];
  const stranger = { ...member, agentHome: join(economy.directory, 'stranger') };
  assertRefused(await agent(stranger, [...registering, '--name', 'E', '--contact', 'e@example.org']), {
    code: 1,
    says: /The server cannot be reached/,
  });
});

test('an agent says what it cannot do', async () => {
  const stranger = { ...member, agentHome: join(economy.directory, 'stranger') };
  assertRefused(await agent(stranger, ['run']), { code: 1, says: /not registered/ });
  assertRefused(await agent(stranger, ['consent']), { code: 1, says: /not registered/ });
  assertRefused(await agent(member, ['run']), { code: 1, says: /Another agent is running/ });
  assertRefused(await agent(member, ['confirm', '01a20519-036f-75e3-a1d7-ed903233bbeb']), {
    code: 2,
    says: /There is no order \S+ of yours/,
  });
  const words = ['register', '--vendor', economy.companies.vendorUrl, '--product', 'spreadsheet'];
  assertRefused(await agent(stranger, [...words, '--name', 'E', '--contact', 'e@example.org']), {
    code: 2,
    says: /no product "spreadsheet"/,
  });
});

test('a terminal that nobody registered gets no session, and so no work', async () => {
  const stranger = createCaller({
    baseUrl: economy.companies.dispatchUrl,
    clock: systemClock,
    random: systemRandom,
  });
  const { publicKey, privateKey } = await generateKeyPair();
  const sub = await thumbprint(publicKey);
  const refused = async () => {
    const { challenge } = await stranger.call(requestChallenge, { body: { terminalKeyThumbprint: sub } });
    const nowSeconds = Math.floor(Date.now() / 1000);
    const answer = await signToken(
      { sub, challenge, iat: nowSeconds, exp: nowSeconds + 60 },
      { type: tokenTypes.challengeAnswer, key: privateKey },
    );
    await stranger.call(openTerminalSession, { body: { answer } });
  };
  await assert.rejects(refused, (error) => {
    assert.ok(error instanceof RemoteError);
    assert.deepEqual([error.code, error.status], ['terminal-unknown', 401]);
    return true;
  });
  const response = await fetch(`${economy.companies.dispatchUrl}/v1/cycle`, {
    method: 'POST',
    headers: { authorization: 'Bearer made-up', 'content-type': 'application/json' },
    body: '{}',
  });
  assert.equal(response.status, 401);
  await assertProblem(response);
});

test('a body that is too large is refused, to programs and to people', async () => {
  const { dispatchUrl, customerKey } = economy.companies;
  const { status, problem } = await announce(`${dispatchUrl}/v1/jobs/01a20519-036f-75e3-a1d7-ed903233bbeb`, {
    key: customerKey,
    bytes: limits.jsonBodyBytesMax + 1,
  });
  assert.deepEqual([status, problem.code], [413, 'too-large']);
  const file = await writeJob(
    'oversized',
    { ...good, args: `[${'x'.repeat(limits.jsonBodyBytesMax)}]` },
    brokenPrograms.trapping,
  );
  assertRefused(await customer(home, ['run', file]), {
    code: 2,
    says: /args: it holds at most 65536 characters in all/,
  });
});

test('a command that does not exist is misuse, and help is offered', async () => {
  for (const words of [['frobnicate'], ['run'], ['jobs', '--colour', 'red'], ['agent', 'frobnicate']]) {
    const { code, stderr } = await customer(home, words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^taika: .+\n[\s\S]*--help/);
    assert.doesNotMatch(stderr, /^\s+at /m);
  }
});

/** Says how many bytes it will send, and is answered before it sends any. */
function announce(
  url: string,
  { key, bytes }: { readonly key: string; readonly bytes: number },
): Promise<{ readonly status: number | undefined; readonly problem: Record<string, unknown> }> {
  return new Promise((done, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': bytes,
    };
    const sent = request(url, { method: 'PUT', headers }, async (response) => {
      const text = Buffer.concat(await Array.fromAsync(response)).toString('utf8');
      done({ status: response.statusCode, problem: JSON.parse(text) });
      sent.destroy();
    });
    sent.on('error', reject);
    sent.flushHeaders();
  });
}

async function assertProblem(response: Response) {
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const problem = (await response.json()) as Record<string, unknown>;
  for (const field of ['code', 'title', 'remedy']) assert.equal(typeof problem[field], 'string', field);
  return problem;
}

function customer(folder: string, words: readonly string[]) {
  return taika(words, { environment: { TAIKA_HOME: folder } });
}

async function login(folder: string, key: string): Promise<void> {
  const words = ['login', '--url', economy.companies.dispatchUrl];
  // The key goes in by standard input, as it would from a password manager.
  succeeded(await taika(words, { environment: { TAIKA_HOME: folder }, input: `${key}\n` }));
  assert.ok((await readFile(join(folder, 'profile.json'), 'utf8')).includes(key));
}

/** Writes a job into a folder of its own; fields are in the order given. */
async function writeJob(
  name: string,
  fields: Readonly<Record<string, string>>,
  program: Uint8Array = brokenPrograms.trapping,
): Promise<string> {
  const folder = join(economy.directory, 'jobs', name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'program.wasm'), program);
  await writeFile(join(folder, 'input.txt'), '1 2\n');
  const text = Object.entries(fields).map(([key, value]) => `${key}: ${value}\n`);
  await writeFile(join(folder, 'job.yaml'), text.join(''));
  return join(folder, 'job.yaml');
}
