import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVerdict } from './verdict.ts';

const read = (text: string) => readVerdict(new TextEncoder().encode(text), text.length);

test('the first line says how to go on, and how many bytes are kept', () => {
  assert.deepEqual(read('next\na,b\n'), { kind: 'next', lineBytes: 5, stateBytes: 0 });
  assert.deepEqual(read('next 3\nabc1\n2\n'), { kind: 'next', lineBytes: 7, stateBytes: 3 });
  assert.deepEqual(read('done\nresult'), { kind: 'done', lineBytes: 5, stateBytes: 0 });
  assert.deepEqual(read('done\r\n'), { kind: 'done', lineBytes: 6, stateBytes: 0 });
  assert.deepEqual(read('done'), { kind: 'done', lineBytes: 4, stateBytes: 0 });
});

test('anything else is not guessed at', () => {
  for (const text of [
    '',
    '\n',
    'next 3\nab',
    'next -1\n',
    'next 01\n',
    'done 3\nabc',
    'NEXT\n',
    'a,b\nnext\n',
  ])
    assert.equal(read(text), undefined, text);
  assert.equal(read(`next${' '.repeat(100)}\n`), undefined);
});
