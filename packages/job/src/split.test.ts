import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type GeneratedSplit, generatedHeader, generatedInput, generatedUnits } from './generated-split.ts';
import { type SplitByRecords, splitInput } from './split.ts';
import { SplitError, type SplitErrorCode } from './split-error.ts';
import { defaultSplitBounds, type SplitBounds, type UnitRange } from './splitter.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function splitText(
  split: SplitByRecords,
  text: string,
  chunk = 3,
  bounds: SplitBounds = defaultSplitBounds,
) {
  const bytes = bytesOf(text);
  const parts = splitInput(split, inChunks(bytes, chunk), bounds);
  const units: UnitRange[] = [];
  for await (const unit of parts) units.push(unit);
  const cut = ({ offset, length }: UnitRange) => textOf(bytes.subarray(offset, offset + length));
  return { header: cut(parts.header()), trailer: cut(parts.trailer()), units: units.map(cut), ranges: units };
}

async function refusal(split: SplitByRecords, text: string, bounds?: SplitBounds): Promise<SplitErrorCode> {
  try {
    await splitText(split, text, 3, bounds);
  } catch (error) {
    assert.ok(error instanceof SplitError);
    assert.match(error.remedy, /\.$/);
    return error.code;
  }
  throw new Error('The split was not refused.');
}

test('lines go into units with the header apart, and the last line needs no end', async () => {
  const split = { by: 'lines', header: true, records: 2 } as const;
  assert.deepEqual((await splitText(split, 'h\na\nb\nc')).units, ['a\nb\n', 'c']);
  assert.equal((await splitText(split, 'h\na\nb\nc')).header, 'h\n');
  assert.deepEqual((await splitText(split, 'h\r\na\r\n\r\nb\r\n')).units, ['a\r\n\r\n', 'b\r\n']);
});

test('a quoted line end stays inside its CSV record, whatever the chunks', async () => {
  const split = { by: 'csv', header: true, records: 1 } as const;
  for (const chunk of [1, 2, 3, 100]) {
    const { header, units } = await splitText(split, '"a\nb",c\n1,"x""\n\ny"\n5" pipe,2\n\n', chunk);
    assert.equal(header, '"a\nb",c\n');
    assert.deepEqual(units, ['1,"x""\n\ny"\n', '5" pipe,2\n\n']);
  }
});

test('blank lines of ndjson stay with the unit before them and never make one', async () => {
  const { units } = await splitText({ by: 'ndjson', records: 1 }, '\n{}\n \n[1]\n\n\n');
  assert.deepEqual(units, ['\n{}\n \n', '[1]\n\n\n']);
});

test('elements of a JSON array go into units, with brackets apart and commas left out', async () => {
  const text = '\uFEFF [1, "a,]\\"", {"x":[2,3]},\n [] ]\n';
  for (const chunk of [1, 2, 3, 100]) {
    const { header, units, trailer } = await splitText({ by: 'json', records: 2 }, text, chunk);
    assert.equal(header, '\uFEFF [');
    assert.deepEqual(units, ['1, "a,]\\""', ' {"x":[2,3]},\n [] ']);
    assert.equal(trailer, ']\n');
  }
});

test('a byte order mark does not hide a quoted first field', async () => {
  for (const chunk of [1, 2, 100]) {
    const split = { by: 'csv', header: true, records: 1 } as const;
    assert.equal((await splitText(split, '\uFEFF"a\nb",c\n1,2\n', chunk)).header, '\uFEFF"a\nb",c\n');
  }
});

test('a grid has every combination, the last axis fastest', () => {
  const split: GeneratedSplit & { records: number } = {
    by: 'grid',
    axes: { b: ['x,y', 'z'], a: [1, 2.5], c: { from: 0, to: 4, step: 2 } },
    records: 3,
  };
  const units = [...generatedUnits(split)];
  assert.equal(textOf(generatedHeader(split)), 'a,b,c\n');
  assert.deepEqual(
    units.map((unit) => textOf(generatedInput(split, unit))),
    ['1,"x,y",0\n1,"x,y",2\n1,z,0\n', '1,z,2\n2.5,"x,y",0\n2.5,"x,y",2\n', '2.5,z,0\n2.5,z,2\n'],
  );
});

test('a range is written one number a line', () => {
  const split: GeneratedSplit = { by: 'range', from: -3, to: 9, step: 2, records: 3 };
  assert.equal(textOf(generatedInput(split, { offset: 1, length: 3 })), '-1\n1\n3\n');
});

test('bytes are cut into equal pieces and a rest', async () => {
  assert.deepEqual((await splitText({ by: 'bytes', bytes: 4 }, 'abcdefghij')).units, ['abcd', 'efgh', 'ij']);
});

test('a range needs no input', async () => {
  const ranges: UnitRange[] = [];
  for await (const unit of splitInput({ by: 'range', from: 3, to: 10, step: 2, records: 3 }, undefined))
    ranges.push(unit);
  assert.deepEqual(ranges, [
    { offset: 0, length: 3 },
    { offset: 3, length: 1 },
  ]);
});

test('one giant line is one unit', async () => {
  const { ranges } = await splitText({ by: 'lines', records: 10 }, 'x'.repeat(100_000), 1000);
  assert.deepEqual(ranges, [{ offset: 0, length: 100_000 }]);
});

test('an input that cannot be split is refused with what to do', async () => {
  const small = { ...defaultSplitBounds, unitsMax: 2, unitBytesMax: 10, headerBytesMax: 4 };
  assert.equal(await refusal({ by: 'lines', records: 1 }, ''), 'no-unit');
  assert.equal(await refusal({ by: 'bytes', bytes: 1 }, ''), 'no-unit');
  assert.equal(await refusal({ by: 'ndjson', records: 1 }, '\n \n'), 'no-unit');
  assert.equal(await refusal({ by: 'csv', header: true, records: 1 }, 'a,b\n'), 'no-unit');
  assert.equal(await refusal({ by: 'range', from: 5, to: 5, records: 1 }, ''), 'no-unit');
  assert.equal(await refusal({ by: 'range', from: 0, to: 5e6, records: 1e6 }, ''), 'unit-too-large');
  const squares = { by: 'grid', axes: { a: { from: 0, to: 1e6 }, b: { from: 0, to: 1e6 } } } as const;
  assert.equal(await refusal({ ...squares, records: 1 }, ''), 'too-many-units');
  assert.equal(await refusal({ by: 'grid', axes: { a: { from: 1, to: 1 } }, records: 1 }, ''), 'no-unit');
  assert.equal(await refusal({ by: 'csv', records: 1 }, 'a,"b\nc'), 'quote-not-closed');
  assert.equal(await refusal({ by: 'json', records: 1 }, ' [ ] '), 'no-unit');
  for (const text of ['', '{}', '[1', '["a]', '[1]2', '[1}', '[,]', '[1,,2]', '[1,]', '[[1]']) {
    assert.equal(await refusal({ by: 'json', records: 1 }, text), 'not-json-array', text);
  }
  assert.equal(await refusal({ by: 'files' }, ''), 'not-an-archive');
  assert.equal(await refusal({ by: 'files' }, 'a,b\n1,2\n'), 'not-an-archive');
  assert.equal(await refusal({ by: 'lines', records: 1 }, 'a\nb\nc\n', small), 'too-many-units');
  assert.equal(await refusal({ by: 'bytes', bytes: 1 }, 'abc', small), 'too-many-units');
  assert.equal(await refusal({ by: 'lines', records: 9 }, 'aaaaaaa\nbbbbbbb\n', small), 'unit-too-large');
  assert.equal(await refusal({ by: 'lines', records: 9 }, 'a'.repeat(50), small), 'unit-too-large');
  assert.equal(
    await refusal({ by: 'lines', header: true, records: 9 }, 'header\na\n', small),
    'header-too-large',
  );
});

test('any split leaves nothing out and doubles nothing', async () => {
  const pieces = fc.constantFrom('a', 'bc', '"', '""', ',', '\n', '\r\n', ' ', '\n\n', 'é', '{"x":1}');
  const split = fc.oneof(
    fc.record({
      by: fc.constant('lines' as const),
      header: fc.boolean(),
      records: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({
      by: fc.constant('csv' as const),
      header: fc.boolean(),
      records: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({ by: fc.constant('ndjson' as const), records: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ by: fc.constant('bytes' as const), bytes: fc.integer({ min: 1, max: 9 }) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(pieces, { maxLength: 40 }),
      split,
      fc.integer({ min: 1, max: 9 }),
      async (parts, by, chunk) => {
        const text = parts.join('');
        try {
          const { header, ranges } = await splitText(by, text, chunk);
          const whole = await splitText(by, text, 1_000_000);
          assert.deepEqual(ranges, whole.ranges, 'Chunks must not matter.');
          let at = bytesOf(header).length;
          for (const { offset, length } of ranges) {
            assert.equal(offset, at);
            assert.ok(length > 0);
            at += length;
          }
          assert.equal(at, bytesOf(text).length);
        } catch (error) {
          if (!(error instanceof SplitError)) throw error;
          assert.ok(error.code === 'no-unit' || error.code === 'quote-not-closed');
        }
      },
    ),
    { numRuns: 500 },
  );
});
