import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { jobLine, sampleClaim, sampleInvoice, sampleStatement } from '../test/sample.ts';
import { invoiceOf } from './document.ts';
import { NotRenderable, renderDocument } from './render.ts';
import { decimalsOf, exactMoneyText, moneyText, percentText } from './text.ts';

const textOf = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

test('a PDF is A4, has its fonts inside, and is the same bytes every time', async () => {
  const once = await renderDocument(sampleInvoice(), { format: 'pdf', locale: 'ja' });
  const again = await renderDocument(sampleInvoice(), { format: 'pdf', locale: 'ja' });
  assert.deepEqual(once.bytes, again.bytes);
  assert.equal(once.fileName, 'INV-2026-000042.pdf');
  const raw = Buffer.from(once.bytes).toString('latin1');
  assert.match(raw, /^%PDF-1\./);
  assert.match(raw, /\/MediaBox \[0 0 595\.28 841\.89\]/);
  assert.match(raw, /\/FontFile2 \d+ 0 R/);
  assert.match(raw, /\/Lang \(ja\)/);
});

test('every character of a PDF, Japanese too, can be copied out of it', async () => {
  for (const locale of ['ja', 'en'] as const) {
    const { bytes } = await renderDocument(sampleClaim(), { format: 'pdf', locale });
    const maps = streamsOf(bytes).filter((stream) => stream.includes('beginbfrange'));
    const mapped = maps.join('').toLowerCase();
    for (const character of locale === 'ja' ? '仕入明細書登録番号税' : 'Self-billed claim') {
      const code = character.codePointAt(0)!.toString(16).padStart(4, '0');
      assert.ok(mapped.includes(code), `${locale} ${character}`);
    }
  }
});

test('a long document has as many pages as it needs', async () => {
  const lines = Array.from({ length: 40 }, (_, index) => jobLine(index, 1_000_000n));
  const { bytes } = await renderDocument(invoiceOf({ ...sampleInvoice(), lines }), {
    format: 'pdf',
    locale: 'en',
  });
  const [, pages = 'none'] = /\/Count (\d+)/.exec(Buffer.from(bytes).toString('latin1')) ?? [];
  assert.ok(Number(pages) >= 3, pages);
});

test('CSV has a row a line with exact amounts, and no text that a spreadsheet would run', async () => {
  const lines = [
    { ...jobLine(0, 12_345_678n), description: '=HYPERLINK("http://x","a,b")' },
    jobLine(1, -500n),
  ];
  const { bytes } = await renderDocument(invoiceOf({ ...sampleInvoice(), lines }), {
    format: 'csv',
    locale: 'en',
  });
  const [head = '', first = '', second = '', end] = textOf(bytes).split('\r\n');
  assert.ok(head.startsWith('\uFEFFdocument,number,'));
  assert.ok(first.includes(`"'=HYPERLINK(""http://x"",""a,b"")"`), first);
  assert.ok(first.includes(',12345.678,10,'), first);
  assert.ok(second.includes(',-0.500,10,'), second);
  assert.equal(end, '');
});

test('an invoice that was taken back says so in every form, and has no XML', async () => {
  const taken = sampleInvoice({ voidedOn: '2026-11-26' });
  const csv = textOf((await renderDocument(taken, { format: 'csv', locale: 'en' })).bytes);
  const [head = '', first = ''] = csv.split('\r\n');
  assert.ok(head.endsWith(',void_on'), head);
  assert.ok(first.endsWith(',2026-11-26'), first);
  const json = textOf((await renderDocument(taken, { format: 'json', locale: 'en' })).bytes);
  assert.equal(JSON.parse(json).voidedOn, '2026-11-26');
  for (const [locale, word] of [
    ['ja', '取消'],
    ['en', 'void'],
  ] as const) {
    const { bytes } = await renderDocument(taken, { format: 'pdf', locale });
    const maps = streamsOf(bytes).filter((stream) => stream.includes('beginbfrange'));
    const mapped = maps.join('').toLowerCase();
    for (const character of word) {
      assert.ok(mapped.includes(character.codePointAt(0)!.toString(16).padStart(4, '0')), character);
    }
    const valid = await renderDocument(sampleInvoice(), { format: 'pdf', locale });
    assert.notDeepEqual(bytes, valid.bytes);
  }
  await assert.rejects(renderDocument(taken, { format: 'xml', locale: 'ja' }), (error) => {
    assert.ok(error instanceof NotRenderable);
    assert.match(error.message, /is void since 2026-11-26/);
    return true;
  });
});

test('JSON keeps amounts as text', async () => {
  const { bytes } = await renderDocument(sampleStatement(), { format: 'json', locale: 'en' });
  const statement = JSON.parse(textOf(bytes));
  assert.equal(statement.opening, '1250000');
  assert.equal(statement.closing, String(1_250_000 + 5 * 500_000 + 10_000));
  assert.equal(statement.chainHead.position, '4711');
});

test('XML that would break a rule is not handed out, and the rule is named', async () => {
  const { registrationNumber: _none, ...seller } = sampleInvoice().seller;
  const unregistered = { ...sampleInvoice(), seller };
  await assert.rejects(renderDocument(unregistered, { format: 'xml', locale: 'ja' }), (error) => {
    assert.ok(error instanceof NotRenderable);
    assert.match(error.message, /aligned-ibr-jp-04/);
    return true;
  });
  await assert.rejects(renderDocument(sampleStatement(), { format: 'xml', locale: 'ja' }), NotRenderable);
});

test('amounts are shown as people read them', () => {
  assert.equal(moneyText(1_234_567_000n, 'JPY'), '¥1,234,567');
  assert.equal(moneyText(-1_250_000n, 'EUR'), '-EUR 12.50');
  assert.equal(exactMoneyText(12_346n, 'JPY'), '¥12.346');
  assert.equal(exactMoneyText(12_000n, 'JPY'), '¥12');
  assert.equal(exactMoneyText(12_000n, 'JPY', 3), '¥12.000');
  assert.equal(decimalsOf([12_000n, 12_340n], 'JPY'), 2);
  assert.deepEqual([percentText(1000), percentText(725), percentText(0)], ['10', '7.25', '0']);
});

/** Streams of a PDF, as text where they are compressed. */
function streamsOf(bytes: Uint8Array): string[] {
  const raw = Buffer.from(bytes);
  const streams: string[] = [];
  for (let from = raw.indexOf('stream\n'); from !== -1; from = raw.indexOf('stream\n', from + 1)) {
    const end = raw.indexOf('endstream', from);
    try {
      streams.push(inflateSync(raw.subarray(from + 'stream\n'.length, end)).toString('latin1'));
    } catch {
      // No compressed stream.
    }
  }
  return streams;
}
