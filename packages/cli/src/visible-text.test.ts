import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { table } from './table.ts';
import { visibleLine, visibleText } from './visible-text.ts';

test('what a terminal would obey is shown, and what people write stays', () => {
  assert.equal(visibleText('\u001b[2J\u009b31mred\u0007\b'), '\\u001b[2J\\u009b31mred\\u0007\\u0008');
  assert.equal(visibleText('done\rfake'), 'done\\u000dfake');
  assert.equal(visibleText('日本語 é 👍\tcolumn\r\nnext\n'), '日本語 é 👍\tcolumn\nnext\n');
  assert.equal(visibleText('invoice\u202efdp.exe'), 'invoice\\u202efdp.exe');
  assert.equal(visibleLine('two\nlines'), 'two\\u000alines');
});

test('JSON that was made visible says the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = visibleText(JSON.stringify({ text }));
      assert.equal(JSON.parse(shown).text, text);
      assert.doesNotMatch(shown, /\p{Cc}|\p{Bidi_Control}/u);
    }),
  );
});

test('a cell of a table is one line, whatever its text', () => {
  const [, row] = table([{ name: 'a\nb\u001b[31m' }], [{ heading: 'name', text: ({ name }) => name }]).split(
    '\n',
  );
  assert.equal(row, 'a\\u000ab\\u001b[31m');
});

test('whatever a program’s command prints passes the guard', () => {
  const script = `import { declareProgram } from '@taika/cli/declare-program';
    declareProgram('x', 'x');
    console.log('%s \\u001b[31m', { name: '\\u009b' });
    console.error('\\u001b]0;title\\u0007');`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    cwd: import.meta.dirname,
  });
  assert.equal(stdout, "%s \\u001b[31m { name: '\\x9B' }\n");
  assert.equal(stderr, '\\u001b]0;title\\u0007\n');
});
