import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDocumentNumber, nextDocumentNumber } from '../src/document-number.ts';
import { assertNoDefects, openTestBooks } from './books.ts';

const series = { issuer: 'contractor', series: 'INV', year: 2026 };

test('numbers have no gaps although every third writer fails', async () => {
  await using books = await openTestBooks();
  const taken = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      books
        .run(async (tx) => {
          const number = await nextDocumentNumber(tx, series);
          if (index % 3 === 0) throw new Error('The document was not written.');
          return number;
        })
        .catch(() => undefined),
    ),
  );
  const numbers = taken.filter((number) => number !== undefined).sort((a, b) => Number(a - b));
  assert.deepEqual(
    numbers,
    Array.from({ length: 20 }, (_, index) => BigInt(index + 1)),
  );
  await assertNoDefects(books.sql);
});

test('issuers, series and years count by themselves', async () => {
  await using books = await openTestBooks();
  const first = (change: object) => books.run((tx) => nextDocumentNumber(tx, { ...series, ...change }));
  assert.deepEqual(
    await Promise.all([
      first({}),
      first({ issuer: 'vendor-1' }),
      first({ series: 'CN' }),
      first({ year: 2027 }),
    ]),
    [1n, 1n, 1n, 1n],
  );
  assert.equal(await first({}), 2n);
  assert.equal(formatDocumentNumber(series, 2n), 'INV-2026-000002');
});
