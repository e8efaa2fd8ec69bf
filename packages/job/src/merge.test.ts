import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MergeText } from '@taika/protocol/dispatch/jobs';
import { mergeOutputs } from './merge.ts';
import { MergeError, type MergeErrorCode } from './merge-error.ts';
import type { UnitOutput } from './merger.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

type Outputs = readonly (string | string[])[];

async function mergeTexts(merge: MergeText, outputs: Outputs): Promise<string> {
  const parts: Uint8Array[] = [];
  const given = outputs.map(
    (output): UnitOutput =>
      typeof output === 'string' ? bytesOf(output) : { open: async () => streamOf(output) },
  );
  for await (const part of mergeOutputs(merge, given, { unitCount: given.length })) parts.push(part);
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

test('json makes one array of all elements', async () => {
  const json = { by: 'json' } as const;
  assert.equal(
    await mergeTexts(json, ['[1, 2]\n', '[]', ['[', '{"a":[3,"]"]}', ']\n']]),
    '[1, 2,{"a":[3,"]"]}]\n',
  );
  assert.equal(await mergeTexts(json, ['[]\n', ' [ ] \n']), '[] \n');
  assert.equal(await mergeTexts(json, ['[]', '["x"]']), '["x"]');
});

test('sum adds place by place, exactly, and keeps words and spacing of the first output', async () => {
  const sum = { by: 'sum' } as const;
  assert.equal(
    await mergeTexts(sum, ['hits,total\n3, 0.1\n', ['hits,to', 'tal\n4,0.2'], '']),
    'hits,total\n7, 0.3\n',
  );
  assert.equal(await mergeTexts(sum, ['1e3', '-0.25', '1E-2']), '999.76');
  assert.equal(await mergeTexts(sum, ['9007199254740993', '1']), '9007199254740994');
  assert.equal(await mergeTexts(sum, ['', ' \n']), '');
});

const refusals: readonly [what: string, merge: MergeText, outputs: Outputs, code: MergeErrorCode][] = [
  ['another CSV header', { by: 'csv' }, ['h\n1', 'g\n2'], 'header-differs'],
  ['no array', { by: 'json' }, ['[1]', '{}'], 'not-json-array'],
  ['two arrays', { by: 'json' }, ['[1]', '[2][3]'], 'not-json-array'],
  ['an array that is not closed', { by: 'json' }, ['[1]', '[2'], 'not-json-array'],
  ['no output at all where an array is wanted', { by: 'json' }, ['[1]', ''], 'not-json-array'],
  ['a table of another size', { by: 'sum' }, ['1 2', '1 2 3'], 'sum-differs'],
  ['another word', { by: 'sum' }, ['hits 2', 'miss 3'], 'sum-differs'],
  ['a word for a number', { by: 'sum' }, ['1', 'NaN'], 'sum-differs'],
];

for (const [what, merge, outputs, code] of refusals) {
  test(`${merge.by} refuses ${what} and names the unit`, async () => {
    await assert.rejects(mergeTexts(merge, outputs), (error: unknown) => {
      assert.ok(error instanceof MergeError);
      assert.deepEqual([error.code, error.unit], [code, 1], error.message);
      return true;
    });
  });
}
