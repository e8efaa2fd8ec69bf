import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { MergeText } from '@taika/protocol/dispatch/jobs';
import fc from 'fast-check';
import { type GeneratedSplit, generatedInput, isGenerated } from './generated-split.ts';
import { mergeOutputs } from './merge.ts';
import type { UnitOutput } from './merger.ts';
import { readFrame, type SplitByRecords, splitInput } from './split.ts';
import { SplitError, type SplitErrorCode } from './split-error.ts';
import type { UnitRange } from './splitter.ts';
import { unitInput } from './unit-input.ts';
import { createZipWriter } from './zip-writer.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** What units of the identity program merge to; a refusal's code where the input cannot be split. */
async function roundTrip(
  split: SplitByRecords,
  merge: MergeText,
  input: Uint8Array,
  chunk: number,
): Promise<Buffer | SplitErrorCode> {
  try {
    const found = splitInput(split, inChunks(input, chunk));
    const ranges: UnitRange[] = [];
    for await (const range of found) ranges.push(range);
    const read = async ({ offset, length }: UnitRange) => input.subarray(offset, offset + length);
    const frame = await readFrame(split, found, read);
    const outputs: UnitOutput[] = [];
    for (const range of ranges) {
      const own = isGenerated(split) ? generatedInput(split, range) : await read(range);
      const output = unitInput(frame, own);
      outputs.push(outputs.length % 2 === 0 ? output : { open: async () => inChunks(output, chunk) });
    }
    const names = ranges.flatMap(({ name }) => name ?? []);
    const job = { unitCount: ranges.length, ...(names.length > 0 ? { names } : {}) };
    const parts: Uint8Array[] = [];
    for await (const part of mergeOutputs(merge, outputs, job)) parts.push(part.slice());
    return Buffer.concat(parts);
  } catch (error) {
    if (error instanceof SplitError) return error.code;
    throw error;
  }
}

const anyBytes = fc.uint8Array({ maxLength: 60 });
const anyText = fc
  .array(
    fc.constantFrom('a', 'bc', '"', '""', ',', '\n', '\r\n', ' ', '\n\n', 'é', '{"x":1}', '\uFEFF', '\t'),
    {
      maxLength: 40,
    },
  )
  .map((parts) => bytesOf(parts.join('')));
const anyPlainText = fc
  .array(fc.constantFrom('a', 'bc', ',', '\n', '\r\n', ' ', 'é'), { maxLength: 40 })
  .map((parts) => bytesOf(parts.join('')));
const anySpace = fc.stringMatching(/^[ \n\r\t]{0,3}$/);
const anyJson = fc
  .tuple(
    fc.constantFrom('', '\uFEFF'),
    fc.array(fc.tuple(anySpace, fc.json(), anySpace), { maxLength: 12 }),
    fc.tuple(anySpace, anySpace),
  )
  .map(([mark, values, [before, after]]) =>
    bytesOf(`${mark}${before}[${values.map((value) => value.join('')).join(',')}]${after}`),
  );
const anyArchive = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-zé]{1,5}(\/[a-z]{1,5})?(\.[a-z]{1,3})?$/), anyBytes), {
    selector: ([name]) => name,
    maxLength: 12,
  })
  .map((files) => {
    const writer = createZipWriter();
    const parts = files.flatMap(([name, bytes]) => [
      writer.begin({ name: bytesOf(name), bytes: bytes.length, crc32: crc32(bytes) }),
      bytes,
    ]);
    return Buffer.concat([...parts, ...writer.end()]);
  });
/** What a merge by parts wrote of any outputs. */
const anyParts = fc
  .array(anyBytes, { maxLength: 12 })
  .map((parts) => Buffer.concat(parts.flatMap((part) => [bytesOf(`part ${part.length}\n`), part])));
const some = fc.integer({ min: 1, max: 4 });
const chunks = fc.integer({ min: 1, max: 9 });
const same = (input: Uint8Array) => Buffer.from(input);
/** A merger of lines ends a last line that is not ended; as the header is ended where there is one. */
const ended = (input: Uint8Array, got: Buffer) => {
  const added = input.at(-1) === 0x0a ? '' : got.subarray(input.length).toString();
  assert.ok(input.at(-1) === 0x0a || /^\r?\n$/.test(added), JSON.stringify(added));
  return Buffer.concat([input, bytesOf(added)]);
};

interface Pair {
  readonly what: string;
  readonly input: fc.Arbitrary<Uint8Array>;
  readonly split: fc.Arbitrary<SplitByRecords>;
  readonly merge: MergeText;
  readonly back: (input: Uint8Array, got: Buffer) => Buffer;
  readonly refusals: readonly SplitErrorCode[];
}

const pairs: readonly Pair[] = [
  {
    what: 'bytes and concat',
    input: anyBytes,
    split: some.map((bytes) => ({ by: 'bytes', bytes })),
    merge: { by: 'concat' },
    back: same,
    refusals: ['no-unit'],
  },
  {
    what: 'lines and concat',
    input: anyBytes,
    split: some.map((records) => ({ by: 'lines', records })),
    merge: { by: 'concat' },
    back: same,
    refusals: ['no-unit'],
  },
  {
    what: 'csv without header and concat',
    input: anyText,
    split: some.map((records) => ({ by: 'csv', records })),
    merge: { by: 'concat' },
    back: same,
    refusals: ['no-unit', 'quote-not-closed'],
  },
  {
    what: 'csv with header and csv',
    input: anyText,
    split: some.map((records) => ({ by: 'csv', header: true, records })),
    merge: { by: 'csv' },
    back: ended,
    refusals: ['no-unit', 'quote-not-closed'],
  },
  {
    what: 'lines with header and csv',
    input: anyPlainText.filter((text) => /^[^\r\n]*\S/.test(Buffer.from(text).toString())),
    split: some.map((records) => ({ by: 'lines', header: true, records })),
    merge: { by: 'csv' },
    back: ended,
    refusals: ['no-unit'],
  },
  {
    what: 'lines and lines',
    input: anyBytes,
    split: some.map((records) => ({ by: 'lines', records })),
    merge: { by: 'lines' },
    back: ended,
    refusals: ['no-unit'],
  },
  {
    what: 'ndjson and ndjson',
    input: anyText,
    split: some.map((records) => ({ by: 'ndjson', records })),
    merge: { by: 'ndjson' },
    back: ended,
    refusals: ['no-unit'],
  },
  {
    what: 'json and json',
    input: anyJson,
    split: some.map((records) => ({ by: 'json', records })),
    merge: { by: 'json' },
    back: same,
    refusals: ['no-unit'],
  },
  {
    what: 'files and zip',
    input: anyArchive,
    split: fc.constant({ by: 'files' }),
    merge: { by: 'zip' },
    back: same,
    refusals: ['no-unit'],
  },
  {
    what: 'whole and concat',
    input: anyBytes,
    split: fc.constant({ by: 'whole' }),
    merge: { by: 'concat' },
    back: same,
    refusals: [],
  },
  {
    what: 'parts and concat',
    input: anyParts,
    split: some.map((records) => ({ by: 'parts', records })),
    merge: { by: 'concat' },
    back: same,
    refusals: ['no-unit'],
  },
];

for (const { what, input, split, merge, back, refusals } of pairs) {
  test(`${what} give any input back, whatever the chunks`, async () => {
    let merged = 0;
    await fc.assert(
      fc.asyncProperty(input, split, chunks, async (bytes, by, chunk) => {
        const got = await roundTrip(by, merge, bytes, chunk);
        if (typeof got === 'string') {
          assert.ok(refusals.includes(got), got);
          return;
        }
        merged += 1;
        assert.deepEqual(got, back(bytes, got));
      }),
      { numRuns: 400 },
    );
    assert.ok(merged > 50, `Only ${merged} of 400 inputs could be split.`);
  });
}

test('parts tell any outputs apart again, one a unit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyBytes, { minLength: 1, maxLength: 12 }), chunks, async (outputs, chunk) => {
      const merged = await Array.fromAsync(
        mergeOutputs({ by: 'parts' }, outputs, { unitCount: outputs.length }),
      );
      const input = Buffer.concat(merged);
      const units = await Array.fromAsync(splitInput({ by: 'parts', records: 1 }, inChunks(input, chunk)));
      const found = units.map(({ offset, length }) => input.subarray(offset, offset + length));
      assert.deepEqual(
        found.map((unit) => Buffer.from(unit.subarray(unit.indexOf(0x0a) + 1))),
        outputs.map((output) => Buffer.from(output)),
      );
    }),
    { numRuns: 200 },
  );
});

const generated: readonly [split: GeneratedSplit, merge: MergeText][] = [
  [{ by: 'range', from: -7, to: 90, step: 3, records: 1 }, { by: 'concat' }],
  [{ by: 'grid', axes: { a: [1, 'x,"y"\n', true], b: { from: 0, to: 20 } }, records: 1 }, { by: 'csv' }],
];

for (const [split, merge] of generated) {
  test(`however a ${split.by} is cut, the units of the identity program merge to the same`, async () => {
    const whole = await roundTrip({ ...split, records: 1_000 }, merge, bytesOf(''), 1);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 70 }), async (records) => {
        assert.deepEqual(await roundTrip({ ...split, records }, merge, bytesOf(''), 1), whole);
      }),
      { numRuns: 40 },
    );
    assert.equal(whole.toString().split('\n').length > 20, true);
  });
}
