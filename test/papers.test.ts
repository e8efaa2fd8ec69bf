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

  test('credit notes are listed and written like invoices, for the customer and for the operator', async () => {
    const [number = ''] = await numbers();
    const at = ['--url', dispatch.url, '--operator-key-file', dispatch.server.operatorKeyFile];
    const none = await run('invoices', '--credit-notes');
    assert.match(none.stdout, /no invoice was corrected/);
    for (const net of ['100', '7']) {
      const words = ['credit-note', number, '--net', net, '--reason', 'Not as agreed.'];
      const credited = await run('contractor', ...words, ...at);
      assert.equal(credited.code, 0, credited.stderr);
    }
    const [small = '', large = ''] = await numbers('--credit-notes');
    assert.match(small, /^CN-\d{4}-000002$/);
    assert.deepEqual(await numbers('--credit-notes', '--min', '100 JPY'), [large]);
    assert.deepEqual(await numbers('--credit-notes', '--to', '2020-12-31'), []);
    const listed = await run('invoices', '--credit-notes');
    assert.match(listed.stdout, new RegExp(`${large} .*${number} .*110 JPY.*Not as agreed`));
    assert.match((await run('invoices')).stdout, /Some were corrected: --credit-notes/);

    const texts = { xml: '<CreditNote', csv: large, json: number, pdf: '%PDF-' };
    for (const [format, expected] of Object.entries(texts)) {
      const file = `note.${format}`;
      for (const words of [['invoice'], ['contractor', 'invoice']]) {
        const written = await run(...words, large, '-o', file, ...(words.length > 1 ? at : []));
        assert.equal(written.code, 0, written.stderr);
        const content = await readFile(join(folder.path, file), 'latin1');
        assert.ok(content.includes(expected), format);
      }
    }
    const all = await run('contractor', 'invoices', '--credit-notes', '--csv', 'notes', ...at);
    assert.equal(all.code, 0, all.stderr);
    assert.match(await readFile(join(folder.path, 'notes', `${small}.csv`), 'utf8'), /CN-/);
    const ofOne = ['invoices', '--credit-notes', '--counterparty', '晴天', '--max', '50 JPY', '--json'];
    const found = JSON.parse((await run('contractor', ...ofOne, ...at)).stdout) as { number: string }[];
    assert.deepEqual(
      found.map((note) => note.number),
      [small],
    );
    const invoicesOfAll = await run('contractor', 'invoices', '--json', ...at);
    assert.equal(JSON.parse(invoicesOfAll.stdout).length, 2);
  });

  test('that cannot be had say why and what to do', async () => {
    const unknown = await run('invoice', 'INV-1999-000001');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /no invoice INV-1999-000001[\s\S]*taika invoices/);
    const note = await run('invoice', 'CN-1999-000001');
    assert.match(note.stderr, /CN-1999-000001, and no credit note[\s\S]*taika invoices --credit-notes/);
    const [number = ''] = await numbers();
    const form = await run('invoice', number, '-o', 'one.doc');
    assert.equal(form.code, 2);
    assert.match(form.stderr, /End its name with/);
  });
});
