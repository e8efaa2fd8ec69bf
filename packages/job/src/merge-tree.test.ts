import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import fc from 'fast-check';
import { mergeOutputs } from './merge.ts';
import { firstPhase, isLastPhase, type Phase, phaseAfterStage, phaseSpec, programsOf } from './phases.ts';
import { splitInput } from './split.ts';
import { SplitError } from './split-error.ts';

const job = {
  name: 'words',
  program: 'a',
  split: { by: 'lines', records: 1 },
  merge: { by: 'program', program: 'b', fanIn: 3 },
  privacy: 'public',
} as unknown as JobSpecText;

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A merge program that writes brackets around what it joins, so that the shape of the tree shows. */
function bracket(input: Buffer): Buffer {
  const parts: string[] = [];
  for (let at = 0; at < input.length; ) {
    const lineEnd = input.indexOf(10, at);
    const length = Number(input.subarray(at + 5, lineEnd).toString());
    parts.push(input.subarray(lineEnd + 1, lineEnd + 1 + length).toString());
    at = lineEnd + 1 + length;
  }
  return Buffer.from(`(${parts.join(' ')})`);
}

async function merged(spec: JobSpecText, outputs: readonly Buffer[]): Promise<Buffer> {
  return Buffer.concat(
    await Array.fromAsync(mergeOutputs(spec.merge, outputs, { unitCount: outputs.length })),
  );
}

/** Walks the phases as grid and `taika local` do, from the outputs of the stage's units. */
async function reduce(
  outputs: readonly Buffer[],
  chunk: number,
): Promise<{ result: string; levels: number }> {
  let phase: Phase = firstPhase;
  let units = outputs.length;
  let result = await merged(phaseSpec(job, phase, { input: undefined }), outputs);
  for (let levels = 0; ; levels++) {
    assert.equal(isLastPhase(job, phase), false);
    const next: Phase | undefined = phaseAfterStage(job, phase, units);
    if (next === undefined) return { result: result.toString(), levels };
    phase = next;
    const spec = phaseSpec(job, phase, { input: undefined });
    assert.equal(spec.program, 'b');
    if (spec.split.by === 'program') throw new Error('Levels are split by parts.');
    const inputs: Buffer[] = [];
    for await (const { offset, length } of splitInput(spec.split, inChunks(result, chunk)))
      inputs.push(result.subarray(offset, offset + length));
    units = inputs.length;
    result = await merged(spec, inputs.map(bracket));
  }
}

test('outputs are merged so many at a time until one is left, in order', async () => {
  const words = 'abcdefgh'.split('').map((word) => Buffer.from(word));
  assert.deepEqual(await reduce(words, 100), { result: '((a b c) (d e f) (g h))', levels: 2 });
  assert.deepEqual(await reduce(words.slice(0, 1), 100), { result: '(a)', levels: 1 });
});

test('any outputs, also empty ones and ones with line ends, keep their order and are in the result once', async () => {
  const output = fc.stringMatching(/^[a-z \n]{0,9}$/);
  await fc.assert(
    fc.asyncProperty(
      fc.array(output, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (texts, chunk) => {
        const { result, levels } = await reduce(
          texts.map((text) => Buffer.from(text)),
          chunk,
        );
        assert.equal(result.replace(/[() ]/g, ''), texts.join('').replaceAll(' ', ''));
        assert.equal(levels, Math.max(1, Math.ceil(Math.log(texts.length) / Math.log(3) - 1e-9)));
      },
    ),
  );
});

test('the merge program is one of the job’s, and what is not made of parts is refused', async () => {
  assert.deepEqual(programsOf(job), ['a', 'b']);
  for (const text of ['x', 'part 3\nab', 'part 1\nabpart 1\n', 'part 01\na', 'part 1']) {
    const split = splitInput({ by: 'parts', records: 2 }, inChunks(Buffer.from(text), 2));
    await assert.rejects(Array.fromAsync(split), SplitError, text);
  }
});
