import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MergeText, SplitText } from '@taika/protocol/dispatch/jobs';
import fc from 'fast-check';
import { mergeOutputs, type UnitOutput } from './merge.ts';
import { MergeError } from './merge-error.ts';
import { splitInput } from './split.ts';
import { rangeInput, unitInput } from './unit-input.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

async function mergeTexts(merge: MergeText, outputs: readonly (string | string[])[]): Promise<string> {
  const parts: Uint8Array[] = [];
  const given = outputs.map(
    (output): UnitOutput => (typeof output === 'string' ? bytesOf(output) : streamOf(output)),
  );
  for await (const part of mergeOutputs(merge, given)) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function* streamOf(texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield bytesOf(text);
}

test('concat joins bytes as they are', async () => {
  assert.equal(await mergeTexts({ by: 'concat' }, ['a', '', ['b', 'c\n'], 'd']), 'abc\nd');
});

test('lines ends each last line', async () => {
  assert.equal(await mergeTexts({ by: 'lines' }, ['a', '', 'b\n', ['c', '\nd']]), 'a\nb\nc\nd\n');
});

test('csv keeps one header and ends each last line as the header is ended', async () => {
  assert.equal(
    await mergeTexts({ by: 'csv' }, ['h,i\n1,2', '', ['h,', 'i\n3', ',4\n'], 'h,i']),
    'h,i\n1,2\n3,4\n',
  );
  assert.equal(await mergeTexts({ by: 'csv' }, ['h\r\n1', 'h\r\n2']), 'h\r\n1\r\n2\r\n');
  assert.equal(await mergeTexts({ by: 'csv' }, ['"h\n",i\n1', '"h\n",i\n2']), '"h\n",i\n1\n2\n');
});

test('csv refuses an output with another header and names its unit', async () => {
  await assert.rejects(mergeTexts({ by: 'csv' }, ['h\n1', 'g\n2']), (error: unknown) => {
    assert.ok(error instanceof MergeError);
    assert.equal(error.unit, 1);
    return true;
  });
});

test('a range is written one number a line', () => {
  const split = { by: 'range', from: -3, to: 9, step: 2, records: 3 } as const;
  assert.equal(Buffer.from(rangeInput(split, { offset: 1, length: 3 })).toString(), '-1\n1\n3\n');
});

test('what any split hands out merges back to the input', async () => {
  const row = fc.stringMatching(/^[a-z"é,\n]{1,12}$/).map((text) => `"${text.replaceAll('"', '""')}"`);
  const csvSplit: SplitText = { by: 'csv', header: true, records: 2 };
  const cases: [SplitText, MergeText, (rows: string[]) => string][] = [
    [{ by: 'lines', records: 3 }, { by: 'lines' }, (rows) => rows.map((text) => `${text}\n`).join('')],
    [{ by: 'lines', records: 3 }, { by: 'concat' }, (rows) => rows.join('\n')],
    [{ by: 'bytes', bytes: 5 }, { by: 'concat' }, (rows) => rows.join('')],
    [
      { by: 'ndjson', records: 2 },
      { by: 'ndjson' },
      (rows) => rows.map((text) => `${JSON.stringify(text)}\n`).join(''),
    ],
    [csvSplit, { by: 'csv' }, (rows) => `h\n${rows.map((text) => `${text}\n`).join('')}`],
    [csvSplit, { by: 'csv' }, (rows) => `h\r\n${rows.map((text) => `${text}\r\n`).join('')}`],
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 20 }),
      fc.constantFrom(...cases),
      async (rows, [split, merge, write]) => {
        const input = bytesOf(write(rows));
        const parts = splitInput(split, streamOf([write(rows)]));
        const inputs: Uint8Array[] = [];
        for await (const { offset, length } of parts) {
          const { offset: start, length: size } = parts.header();
          inputs.push(
            unitInput(input.subarray(start, start + size), input.subarray(offset, offset + length)),
          );
        }
        const merged: Uint8Array[] = [];
        for await (const part of mergeOutputs(merge, inputs)) merged.push(part);
        assert.equal(Buffer.concat(merged).toString(), write(rows));
      },
    ),
    { numRuns: 300 },
  );
});
