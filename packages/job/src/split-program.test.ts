import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mergeOutputs } from './merge.ts';
import type { SplitSource } from './plan-split.ts';
import type { ProgramRunner } from './program-runner.ts';
import { SplitError, type SplitErrorCode } from './split-error.ts';
import { splitByProgram } from './split-program.ts';
import { defaultSplitBounds, type UnitRange } from './splitter.ts';

/** A split program as a function of what it reads: its first line, and the part. */
type Cut = (isLast: boolean, part: Buffer) => string;

async function splitBy(cut: Cut, bytes: Buffer) {
  const source: SplitSource = {
    bytes: bytes.length,
    open: () => assert.fail('Parts are read, not streamed.'),
    read: async ({ offset, length }) => bytes.subarray(offset, offset + length),
  };
  let isOpen = false;
  const program: ProgramRunner = {
    async run(input) {
      const lineEnd = input.indexOf(0x0a);
      const line = Buffer.from(input.subarray(0, lineEnd)).toString();
      assert.match(line, /^(more|last)$/);
      const output = Buffer.from(cut(line === 'last', Buffer.from(input.subarray(lineEnd + 1))));
      return { kind: 'completed', exitCode: 0, output, stderr: new Uint8Array(0), fuel: 1n, memoryPages: 1 };
    },
    async [Symbol.asyncDispose]() {
      isOpen = false;
    },
  };
  const open = async () => {
    isOpen = true;
    return program;
  };
  const found = splitByProgram(source, open, defaultSplitBounds);
  const units: UnitRange[] = [];
  try {
    for await (const unit of found) units.push(unit);
  } finally {
    assert.equal(isOpen, false, 'The program is closed in the end.');
  }
  return { header: found.header(), units };
}

async function refusal(cut: Cut, text = 'abc'): Promise<SplitErrorCode> {
  try {
    await splitBy(cut, Buffer.from(text));
  } catch (error) {
    assert.ok(error instanceof SplitError, String(error));
    return error.code;
  }
  throw new Error('It was not refused.');
}

/** Cuts behind each NUL byte, and at the end of the last part. */
const behindNul: Cut = (isLast, part) => {
  const cuts: string[] = [];
  let start = 0;
  for (let end = part.indexOf(0) + 1; end > 0; end = part.indexOf(0, end) + 1) {
    cuts.push(`unit ${end - start}\n`);
    start = end;
  }
  return cuts.join('') + (isLast && start < part.length ? `unit ${part.length - start}` : '');
};

test('units follow one another, and what was skipped is in none', async () => {
  const { header, units } = await splitBy(
    () => 'header 2\nunit 3\nskip 1\nunit 4\n',
    Buffer.from('##aaa,bbbb'),
  );
  assert.deepEqual(header, { offset: 0, length: 2 });
  assert.deepEqual(units, [
    { offset: 2, length: 3 },
    { offset: 6, length: 4 },
  ]);
});

test('an input of several parts is cut wherever its units end, and a unit longer than a part is seen whole', async () => {
  const pieces = fc.array(fc.integer({ min: 1, max: 5_000_000 }), { minLength: 2, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(pieces, async (lengths) => {
      const bytes = Buffer.concat(lengths.map((length) => Buffer.alloc(length, 1).fill(0, length - 1)));
      const { units } = await splitBy(behindNul, bytes);
      assert.deepEqual(
        units.map(({ length }) => length),
        lengths,
      );
      assert.equal(units.at(-1)?.offset, bytes.length - (lengths.at(-1) ?? 0));
    }),
    { numRuns: 15 },
  );
});

test('answers that cannot be followed are refused with the reason', async () => {
  assert.equal(await refusal(() => 'unit 2\n'), 'split-program-failed');
  assert.equal(await refusal(() => 'unit 4\n'), 'split-program-failed');
  assert.equal(await refusal(() => 'unit three\n'), 'split-program-failed');
  assert.equal(await refusal(() => 'unit 1\nheader 2\n'), 'split-program-failed');
  assert.equal(await refusal(() => 'skip 3\n'), 'no-unit');
  assert.equal(await refusal(behindNul, ''), 'no-unit');
});

test('however a program cuts, the units of the identity program merge to the input', async () => {
  const cuts = fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 90 }), cuts, async (bytes, lengths) => {
      const input = Buffer.from(bytes);
      const { units } = await splitBy((_isLast, part) => {
        const answer: string[] = [];
        let left = part.length;
        for (const length of lengths) {
          answer.push(`unit ${Math.min(length, left)}\n`);
          left -= Math.min(length, left);
        }
        return [...answer, `unit ${left}\n`].join('');
      }, input);
      const outputs = units.map(({ offset, length }) => input.subarray(offset, offset + length));
      const merged = mergeOutputs({ by: 'concat' }, outputs, { unitCount: units.length });
      assert.deepEqual(Buffer.concat(await Array.fromAsync(merged)), input);
    }),
    { numRuns: 300 },
  );
});
