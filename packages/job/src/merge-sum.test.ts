import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergeOutputs } from './merge.ts';

/** A number as a program may print it, with its value in units of 10^−`places`. */
interface Printed {
  readonly text: string;
  readonly value: bigint;
}

const places = 24;
const anyNumber: fc.Arbitrary<Printed> = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -4, max: 12 }), fc.boolean())
  .map(([digits, scale, isPlain]) => ({
    text: isPlain && scale >= 0 ? pointed(digits, scale) : `${digits}e${-scale}`,
    value: digits * 10n ** BigInt(places - scale),
  }));
const columns = 3;
const anyTables = fc.array(fc.array(anyNumber, { minLength: columns, maxLength: columns }), {
  minLength: 1,
  maxLength: 20,
});

test('a sum is the exact decimal sum, whatever the order and the grouping of the outputs', async () => {
  await fc.assert(
    fc.asyncProperty(anyTables, fc.infiniteStream(fc.nat()), fc.nat(), async (tables, keys, cut) => {
      const outputs = tables.map(print);
      const merged = await sum(outputs);
      const expected = Array.from({ length: columns }, (_unused, at) =>
        tables.reduce((total, table) => total + (table[at]?.value ?? 0n), 0n),
      );
      assert.deepEqual(
        merged
          .match(/[^\s,]+/g)
          ?.slice(1)
          .map(readValue),
        expected,
      );

      const shuffled = outputs
        .map((output) => ({ output, key: Number(keys.next().value) }))
        .sort((left, right) => left.key - right.key)
        .map(({ output }) => output);
      assert.equal(await sum(shuffled), merged);
      const groups = [outputs.slice(0, cut % outputs.length), outputs.slice(cut % outputs.length)];
      assert.equal(await sum(await Promise.all(groups.map(sum))), merged);
    }),
    { numRuns: 300 },
  );
});

const print = (table: readonly Printed[]) => `total\n${table.map(({ text }) => text).join(', ')}\n`;

async function sum(outputs: readonly string[]): Promise<string> {
  const parts = outputs.map((output) => new TextEncoder().encode(output));
  const merged = mergeOutputs({ by: 'sum' }, parts, { unitCount: parts.length });
  return Buffer.concat(await Array.fromAsync(merged)).toString();
}

function pointed(digits: bigint, scale: number): string {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const at = text.length - scale;
  return `${digits < 0n ? '-' : ''}${text.slice(0, at)}.${text.slice(at)}`;
}

/** The value that the merger printed, read by hand: sign, digits, and a point where there is one. */
function readValue(text: string): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const value = BigInt(whole + fraction.padEnd(places, '0'));
  return text.startsWith('-') ? -value : value;
}
