import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { listPapers, type Papers } from './papers.ts';

const yen = (coins: number) => ({ currency: 'JPY', amountMilli: String(coins * 1000) });
const invoice = (number: string, voidedAt?: string) => ({
  invoiceId: number,
  number,
  issuedAt: '2026-11-25T00:00:00.000Z',
  lines: [{ description: 'weather' }],
  net: yen(100),
  tax: yen(10),
  total: yen(110),
  ...(voidedAt === undefined ? {} : { voidedAt }),
});

test('a list says which invoices are void, and XML of the others is written all the same', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'papers-'));
  t.after(() => rm(folder, { recursive: true }));
  const said: string[] = [];
  t.mock.method(console, 'log', (line: string) => said.push(line));
  t.mock.method(console, 'error', (line: string) => said.push(line));
  const papers = {
    async *invoices() {
      yield* [invoice('INV-2026-000002', '2026-11-26T01:00:00.000Z'), invoice('INV-2026-000001')];
    },
    async *invoiceFile() {
      yield Buffer.from('<Invoice/>');
    },
  };
  await listPapers(async () => papers as unknown as Papers, { xml: folder });
  assert.deepEqual(await readdir(folder), ['INV-2026-000001.xml']);
  const [told, listed = ''] = said;
  assert.equal(told, 'INV-2026-000002 is void: it has no XML.');
  const [head, first, second] = listed.split('\n');
  assert.match(String(head), /state/);
  assert.match(String(first), /000002 .* void since 2026-11-26/);
  assert.doesNotMatch(String(second), /void/);
});

test('a language that is none is refused before anything is asked of the server', async () => {
  const connect = () => assert.fail('asked the server');
  await assert.rejects(listPapers(connect, { lang: 'de', pdf: true }), {
    code: 'usage',
    message: '--lang is "de".',
  });
});
