import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, type TestDatabase } from '@taika/database/test-database';
import { ledgerMigrations } from '@taika/ledger/migrations';
import { readCustomer } from '@taika/protocol/dispatch/parties';
import { readContractorKey } from '@taika/protocol/dispatch/registrations';
import { dispatchMigrations } from '../src/migrations.ts';
import { bearer, callerWith } from './support/parties.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

describe('commands', () => {
  let database: TestDatabase;
  let home: string;
  before(async () => {
    database = await createTestDatabase({ migrations: [ledgerMigrations, dispatchMigrations] });
    home = await mkdtemp(join(tmpdir(), 'taika-commands-'));
  });
  const servers: ChildProcess[] = [];
  after(async () => {
    for (const server of servers) server.kill('SIGKILL'); // Only a failed test leaves one.
    await rm(home, { recursive: true, force: true });
    await database[Symbol.asyncDispose]();
  });

  const run = (words: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const environment = { ...process.env, TAIKA_HOME: home };
      execFile(process.execPath, [main, ...words], { env: environment }, (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      });
    });

  const serve = async (data: string) => {
    const child = spawn(
      process.execPath,
      [main, 'serve', '--port', '0', '--data', data, '--log-level', 'error', '--json'],
      {
        env: { ...process.env, TAIKA_DISPATCH_DATABASE_URL: database.url },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    servers.push(child);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const line = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stdout.on('data', (bytes: Buffer) => {
        text += bytes.toString();
        if (text.includes('\n')) {
          resolve(text);
        }
      });
      child.once('exit', (code) => reject(new Error(`The server ended with ${code}.`)));
    });
    const { url, operatorKeyFile } = JSON.parse(line) as { url: string; operatorKeyFile: string };
    const end = (signal: 'SIGTERM' | 'SIGKILL') => {
      child.kill(signal);
      return ended;
    };
    return { url, operatorKeyFile, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
  };

  test('a server starts, is run by its operator, is killed, and starts again with the same keys', async () => {
    const data = join(home, 'dispatch');
    const first = await serve(data);
    const at = ['--url', first.url, '--operator-key-file', first.operatorKeyFile];
    assert.equal((await stat(first.operatorKeyFile)).mode & 0o777, 0o600);

    const added = await run(['add-customer', '--name', 'Ada', '--json', ...at]);
    assert.equal(added.code, 0, added.err);
    const { customer, key } = JSON.parse(added.out);
    assert.match(key, /^taika_customer_/);
    const shown = await run(['customers', ...at]);
    assert.match(shown.out, new RegExp(`${customer.customerId}\\s+Ada`));
    assert.ok(!shown.out.includes(key), 'A key is shown once.');

    const paid = ['deposit', customer.customerId, '--amount', '12000', '--reference', 'bank 1', ...at];
    assert.match((await run(paid)).out, /12,000 JPY paid in advance/);
    await run(['credit-limit', customer.customerId, '--amount', '500', ...at]);
    await run(['payment', customer.customerId, '--amount', '3', ...at]);
    await run(['return-deposit', customer.customerId, '--amount', '2001', ...at]);
    assert.match((await run(['funds', customer.customerId, ...at])).out, /free for jobs\s+10,502 JPY/);
    const none = await run(['return-deposit', customer.customerId, '--amount', '10003', ...at]);
    assert.deepEqual([none.code, none.err.includes('Only 10002 JPY')], [2, true], none.err);

    const owing = await run(['add-customer', '--name', 'Grace', '--credit-limit', '2500', ...at]);
    assert.equal(owing.code, 0, owing.err);
    assert.doesNotMatch(owing.out, /Before its first job it pays/);
    const [, grace = ''] = /Customer Grace is enrolled as (\S+)\./.exec(owing.out) ?? [];
    assert.match((await run(['funds', grace, ...at])).out, /free for jobs\s+2,500 JPY/);
    const wrongly = await run(['add-customer', '--name', 'Bob', '--credit-limit', 'much', ...at]);
    assert.deepEqual([wrongly.code, wrongly.err.includes('--credit-limit')], [2, true], wrongly.err);

    for (const correction of ['credit-note', 'void-invoice']) {
      const unknown = await run([correction, 'INV-2026-000009', '--reason', 'wrong', ...at]);
      assert.deepEqual(
        [unknown.code, unknown.err.includes('no invoice INV-2026-000009')],
        [2, true],
        unknown.err,
      );
    }

    const keyFile = join(home, 'vendor.key');
    const vendor = await run([
      'add-vendor',
      '--name',
      'Editor Ltd',
      '--generate-key',
      keyFile,
      '--fee',
      '300',
      '--fee-per',
      'month',
      ...at,
    ]);
    assert.equal(vendor.code, 0, vendor.err);
    assert.ok(JSON.parse(await readFile(keyFile, 'utf8')).d);
    assert.equal((await stat(keyFile)).mode & 0o777, 0o600);
    assert.match((await run(['vendors', ...at])).out, /Editor Ltd\s+300 JPY\s+license-month/);
    const [, id = ''] = /enrolled as (\S+)\./.exec(vendor.out) ?? [];
    const terms = ['--fee', '120.5', '--fee-tax', '10', '--minimum-points', '20', '--minimum-hours', '8'];
    const forProduct = ['license-fee', id, '--product', 'painter', ...terms];
    const said = 'painter: 120.5 JPY and 10 % tax a license-month from 20 points and 8 hours on';
    const set = await run([...forProduct, ...at]);
    assert.ok(set.out.replaceAll('.500', '.5').includes(said), set.out + set.err);
    const present = new Date().toISOString().slice(0, 7);
    assert.match(set.out, new RegExp(`for months and registrations from ${present} on`));
    assert.ok((await run(['vendors', ...at])).out.replaceAll('.500', '.5').includes(said));
    const ahead = [...forProduct.slice(0, 4), '--fee', '200', '--from'];
    const later = await run([...ahead, '2999-01', ...at]);
    assert.match(later.out, /painter: 200 JPY a license-month, for months and registrations from 2999-01 on/);
    assert.match((await run(['vendors', ...at])).out, /painter from 2999-01: 200 JPY a license-month/);
    const past = await run([...ahead, '2020-01', ...at]);
    assert.deepEqual([past.code, past.err.includes(`New terms count from ${present} or later.`)], [2, true]);
    const wrong = await run([...forProduct.slice(0, 4), '--fee', '1', '--fee-tax', '10.005', ...at]);
    assert.deepEqual([wrong.code, /at most two decimals/.test(wrong.err)], [2, true]);
    const again = await run(['add-vendor', '--name', 'Other', '--public-key', keyFile, '--json', ...at]);
    assert.ok(
      !again.out.includes(JSON.parse(await readFile(keyFile, 'utf8')).d),
      'A private key is never sent.',
    );

    const rates = await run([
      'set-rates',
      '--price',
      '0.5',
      '--points',
      '0.25',
      '--tax',
      '8',
      '--json',
      ...at,
    ]);
    assert.deepEqual(
      (({ version, price, pointsMilli, taxBasisPoints }) => [
        version,
        price.amountMilli,
        pointsMilli,
        taxBasisPoints,
      ])(JSON.parse(rates.out).rates),
      [2, '500', '250', 800],
    );
    const dearer = await run(['set-rates', '--levels', 'strict=1.77, high=1.15', '--json', ...at]);
    const { levelFactors } = JSON.parse(dearer.out).rates;
    assert.deepEqual(levelFactors, { plain: 1000, economy: 1050, standard: 1100, high: 1150, strict: 1770 });
    const card = await run(['rates', ...at]);
    assert.match(
      card.out,
      /Rate card 3:[\s\S]*times plain 1, economy 1.05, standard 1.1, high 1.15, strict 1.77; copies: N costs N times plain/,
    );
    for (const wrong of ['solid=2', 'high=0', 'high=', 'high=x', 'high=101']) {
      const refused = await run(['set-rates', '--levels', wrong, ...at]);
      assert.equal(refused.code, 2, wrong);
      assert.match(refused.err, /What to do: Give/);
    }
    const books = await run(['books', ...at]);
    assert.equal(books.code, 0);
    assert.match(books.out, /Nothing is wrong/);

    const contractor = await callerWith(first.url).call(readContractorKey);
    await first.kill();
    const second = await serve(data);
    assert.deepEqual((await callerWith(second.url).call(readContractorKey)).publicKey, contractor.publicKey);
    const operator = (await readFile(second.operatorKeyFile, 'utf8')).trim();
    assert.ok(operator.startsWith('taika_operator_'));
    assert.equal((await bearer(second.url, key).call(readCustomer)).name, 'Ada');
    assert.equal(await second.stop(), 0);
  });

  test('a command that cannot work says what to do and ends with 1 or 2', async () => {
    const nowhere = await run(['customers']);
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.err, /What to do: .*TAIKA_HOME/);
    const keyFile = join(home, 'dispatch', 'operator.key');
    const away = await run(['customers', '--url', 'http://127.0.0.1:1', '--operator-key-file', keyFile]);
    assert.equal(away.code, 1);
    assert.match(away.err, /server running/);
    const fee = await run([
      'add-vendor',
      '--name',
      'X',
      '--public-key',
      keyFile,
      '--fee',
      'much',
      '--url',
      'http://127.0.0.1:1',
      '--operator-key-file',
      keyFile,
      '--json',
    ]);
    assert.equal(fee.code, 2);
    assert.equal(JSON.parse(fee.err).error.code, 'usage');
    const port = await run(['serve', '--port', 'many']);
    assert.equal(port.code, 2);
    assert.match(port.err, /--port must be/);
  });
});
