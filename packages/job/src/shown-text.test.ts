import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeEnd } from './program-runner.ts';
import { quotedWord, shownText } from './shown-text.ts';

test('what a database or a terminal would stumble over is shown, whatever a program printed', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 100 });
  fc.assert(
    fc.property(anyText, fc.integer({ min: 1, max: 80 }), (text, charactersMax) => {
      const shown = shownText(text, charactersMax);
      assert.doesNotMatch(shown, /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/u);
      assert.ok(shown.isWellFormed() && shown.length <= charactersMax + 1);
    }),
  );
  assert.equal(shownText('a\0b\u001b[2J\n', 99), 'a\\u0000b\\u001b[2J\n');
  assert.equal(quotedWord('a\0'), '"a\\u0000"');
  assert.equal(quotedWord('x'.repeat(1_000_000)), `"${'x'.repeat(60)}…"`);
});

test('the log of a program that failed at splitting is shown, not obeyed', () => {
  const stderr = new TextEncoder().encode('bad\0input\u001b[2J\n');
  assert.match(
    describeEnd({ kind: 'completed', exitCode: 3, stderr } as never),
    /exit code 3 and wrote: bad\\u0000input\\u001b\[2J$/,
  );
});
