/** A customer's documents, through the command line against a real server. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { checkUbl } from '@taika/documents/check-ubl';
import { profileFileName } from '@taika/protocol/profile';
import { issueInvoiceStep } from '../programs/dispatch/src/billing/issue-invoices.ts';
import { bearer, enrolCustomer } from '../programs/dispatch/test/support/parties.ts';
import { startTestDispatch, type TestDispatch } from '../programs/dispatch/test/support/test-dispatch.ts';
import { writeJob } from '../programs/dispatch/test/support/work.ts';
import { taika } from './run-program.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

describe('a customer’s documents', () => {
  let dispatch: TestDispatch;
  let folder: TemporaryFolder;
  before(async () => {
    dispatch = await startTestDispatch({ registrationNumber: 'T1234567890123' });
    folder = await temporaryFolder('papers');
    const customer = await enrolCustomer(dispatch.url, bearer(dispatch.url, dispatch.operatorKey), '晴天');
    await writeFile(
      join(folder.path, profileFileName),
      JSON.stringify({ dispatchUrl: dispatch.url, customerKey: customer.key }),
    );
    assert.equal((await run('details', '--address', '大阪市北区 1')).code, 0);
    for (const fuel of [3n, 700n]) {
      const { customerId } = customer;
      await writeJob(dispatch.server.context.sql, { customerId, fuel: fuel * 10n ** 9n });
    }
    while ((await issueInvoiceStep(dispatch.server.context)) === 'again') {
      // Until every done job is invoiced.
    }
  });
  after(async () => {
    await dispatch?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const run = (...words: readonly string[]) =>
    taika(words, { environment: { TAIKA_HOME: folder.path }, directory: folder.path });
  const numbers = async (...words: readonly string[]): Promise<string[]> => {
    const { stdout, stderr, code } = await run('invoices', '--json', ...words);
    assert.equal(code, 0, stderr);
    return (JSON.parse(stdout) as { number: string }[]).map(({ number }) => number);
  };

  test('are found by amount and day', async () => {
    const all = await numbers();
    assert.equal(all.length, 2);
    assert.deepEqual(await numbers('--min', '500 JPY'), [all[0]]);
    assert.deepEqual(await numbers('--max', '500 JPY'), [all[1]]);
    assert.deepEqual(await numbers('--to', '2020-12-31'), []);
    assert.equal((await run('invoices', '--min', '500')).code, 2);
    const never = await run('invoices', '--to', '2026-02-31');
    assert.deepEqual([never.code, never.stderr.includes('--to is "2026-02-31", which is no day')], [2, true]);
  });

  test('are written as files, one by its number or all into a folder', async () => {
    const [number = ''] = await numbers();
    const one = await run('invoice', number, '-o', 'one.xml', '--json');
    assert.equal(one.code, 0, one.stderr);
    const xml = await readFile(join(folder.path, 'one.xml'), 'utf8');
    assert.deepEqual(checkUbl(xml), []);
    assert.ok(xml.includes('大阪市北区 1'));
    const all = await run('invoices', '--pdf', 'papers', '--lang', 'ja');
    assert.equal(all.code, 0, all.stderr);
    for (const each of await numbers()) {
      const pdf = await readFile(join(folder.path, 'papers', `${each}.pdf`));
      assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    }
  });

  test('that cannot be had say why and what to do', async () => {
    const unknown = await run('invoice', 'INV-1999-000001');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /no invoice INV-1999-000001[\s\S]*taika invoices/);
    const [number = ''] = await numbers();
    const form = await run('invoice', number, '-o', 'one.doc');
    assert.equal(form.code, 2);
    assert.match(form.stderr, /End its name with/);
  });
});
