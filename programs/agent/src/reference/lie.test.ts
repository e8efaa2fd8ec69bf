import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lieAbout } from './lie.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('a lie is as long as the truth and never the truth, always the same, one byte of it another', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (output) => {
      const before = Uint8Array.from(output);
      const lie = await lieAbout(output);
      assert.deepEqual(output, before, 'The output itself is not touched.');
      assert.equal(lie.length, output.length);
      assert.equal(lie.filter((byte, at) => byte !== output[at]).length, 1);
      assert.deepEqual(await lieAbout(output), lie);
    }),
  );
});

test('a lie has the shape of the truth: numbers stay numbers, words stay words', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.stringMatching(/^[a-z]{1,20}$/), async (number, word) => {
      const text = async (output: string) => new TextDecoder().decode(await lieAbout(bytes(output)));
      const about = await text(`{"${word}":${number}}\n`);
      assert.match(about, new RegExp(`^\\{"${word}":\\d+\\}\\n$`));
      assert.match(await text(word), /^[a-z]+$/);
      assert.match(await text(word.toUpperCase()), /^[A-Z]+$/);
    }),
  );
});

test('about an empty output the lie is a line', async () => {
  assert.deepEqual(await lieAbout(new Uint8Array(0)), bytes('\n'));
});
