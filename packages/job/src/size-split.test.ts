import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SplitSource } from './plan-split.ts';
import type { ProgramRunner } from './program-runner.ts';
import { recordsFor, sizeSplit } from './size-split.ts';
import type { SplitByRecords } from './split.ts';
import { SplitError } from './split-error.ts';

const second = 1_000_000_000n;

/** A program whose fuel is a function of what it reads. */
function programOf(fuelOf: (text: string) => bigint, seen: string[] = []): () => Promise<ProgramRunner> {
  return async () => ({
    async run(input) {
      const text = new TextDecoder().decode(input);
      seen.push(text);
      const fuel = fuelOf(text);
      const ended = { output: new Uint8Array(0), stderr: Buffer.from('why'), memoryPages: 1 };
      return fuel < 0n
        ? { kind: 'completed', exitCode: 3, fuel: 1n, ...ended }
        : { kind: 'completed', exitCode: 0, fuel, ...ended };
    },
    [Symbol.asyncDispose]: async () => {},
  });
}

function sourceOf(text: string): SplitSource {
  const bytes = new TextEncoder().encode(text);
  return {
    bytes: bytes.length,
    async open() {
      return (async function* () {
        yield bytes;
      })();
    },
    read: async ({ offset, length }) => bytes.subarray(offset, offset + length),
  };
}

const lines = (text: string) => BigInt(text.split('\n').length - 1);
const thousand = Array.from({ length: 1_000 }, (_, at) => `line ${at}\n`).join('');

test('records are as many as make the seconds that are wanted, what every unit takes set apart', async () => {
  const byTenth = programOf((text) => (second / 10n) * lines(text));
  const sized = await sizeSplit({ by: 'lines', targetSeconds: 3 }, sourceOf(thousand), byTenth);
  assert.deepEqual(sized, { by: 'lines', records: 30 });
  const withStart = programOf((text) => second / 2n + (second / 1_000n) * lines(text));
  assert.deepEqual(await sizeSplit({ by: 'ndjson', targetSeconds: 1 }, sourceOf(thousand), withStart), {
    by: 'ndjson',
    records: 500,
  });
});

test('samples are the first records, growing, inside the frame that units have', async () => {
  const seen: string[] = [];
  const csv: SplitByRecords = { by: 'csv', header: true, targetSeconds: 60 };
  await sizeSplit(
    csv,
    sourceOf('a,b\n1,2\n3,4\n5,6\n'),
    programOf(() => 1n, seen),
  );
  assert.deepEqual(seen, ['a,b\n1,2\n', 'a,b\n1,2\n3,4\n5,6\n']);
  seen.length = 0;
  await sizeSplit(
    { by: 'json', targetSeconds: 60 },
    sourceOf('[1, 2]\n'),
    programOf(() => 1n, seen),
  );
  assert.deepEqual(seen, ['[1]', '[1, 2]']);
  seen.length = 0;
  const grid: SplitByRecords = { by: 'grid', axes: { a: [1, 2] }, targetSeconds: 60 };
  await sizeSplit(
    grid,
    undefined,
    programOf(() => 1n, seen),
  );
  assert.deepEqual(seen, ['a\n1\n', 'a\n1\n2\n']);
});

test('a record that takes longer than is wanted is a unit of its own, and sampling stops there', async () => {
  const seen: string[] = [];
  const slow = programOf((text) => 100n * second * lines(text), seen);
  assert.deepEqual(await sizeSplit({ by: 'lines', targetSeconds: 9 }, sourceOf(thousand), slow), {
    by: 'lines',
    records: 1,
  });
  assert.equal(seen.length, 1);
});

test('units are not larger than travels well, however quick the program is', async () => {
  const quick = programOf(() => 1n);
  const { bytes = 0 } = (await sizeSplit({ by: 'bytes', targetSeconds: 60 }, sourceOf(thousand), quick)) as {
    bytes: number;
  };
  assert.equal(bytes, 16 * 1024 * 1024);
});

test('a program that fails on the sample is told at once, with its log', async () => {
  const failing = programOf(() => -1n);
  await assert.rejects(sizeSplit({ by: 'lines', targetSeconds: 1 }, sourceOf(thousand), failing), (error) => {
    assert.ok(error instanceof SplitError);
    assert.equal(error.code, 'sample-failed');
    assert.match(error.message, /first 1 records.*exit code 3 and wrote: why.*split.records/);
    return true;
  });
});

test('an empty input is refused before any program runs', async () => {
  const none = async (): Promise<ProgramRunner> => assert.fail('No program is needed.');
  for (const split of [
    { by: 'lines', targetSeconds: 1 },
    { by: 'bytes', targetSeconds: 1 },
    { by: 'json', targetSeconds: 1 },
  ] as const) {
    await assert.rejects(sizeSplit(split, sourceOf(split.by === 'json' ? '[]' : ''), none), SplitError);
  }
});

test('whatever is measured, a unit holds at least one record and, where fuel grows evenly, stays below the target', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 9n }),
      fc.bigInt({ min: 1n, max: 10n ** 9n }),
      fc.integer({ min: 1, max: 1_000 }),
      fc.bigInt({ min: 1n, max: 3_600n * second }),
      (fixed, each, records, target) => {
        const at = (count: number) => ({ records: count, bytes: 0, fuel: fixed + each * BigInt(count) });
        const found = recordsFor([at(records), at(records * 4)], target);
        assert.ok(found >= 1);
        assert.ok(found === 1 || fixed + each * BigInt(found) <= target);
        assert.ok(found === 100_000_000 || fixed + each * BigInt(found + 1) > target);
      },
    ),
  );
});
