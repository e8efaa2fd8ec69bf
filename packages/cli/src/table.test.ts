import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandError } from './command-error.ts';
import { describeError } from './describe-error.ts';
import { alignRows, table } from './table.ts';

test('a table aligns numbers to the right and counts wide characters twice', () => {
  const text = table(
    [
      { name: '対価', units: 7 },
      { name: 'weather', units: 1200 },
    ],
    [
      { heading: 'name', text: (row) => row.name },
      { heading: 'units', text: (row) => String(row.units), right: true },
    ],
  );
  assert.equal(text, 'name     units\n対価         7\nweather   1200');
});

test('errors become a sentence, a remedy and an exit code', () => {
  const misuse = new CommandError('No such job.', { code: 'not-found', remedy: 'Run `taika jobs`.' });
  assert.deepEqual(describeError(misuse), {
    code: 'not-found',
    sentence: 'No such job.',
    remedy: 'Run `taika jobs`.',
    exitCode: 2,
  });
  const missing = Object.assign(new Error('ENOENT: no such file, open x'), { code: 'ENOENT', path: 'x' });
  assert.equal(describeError(missing).sentence, 'x: there is no such file.');
  assert.equal(describeError(missing).exitCode, 2);
  const remote = Object.assign(new Error('We made a mistake.'), {
    code: 'internal',
    fault: 'server',
    remedy: 'Try again.',
  });
  assert.equal(describeError(remote).exitCode, 1);
});

test('rows without headings are aligned too', () => {
  assert.equal(
    alignRows([
      ['a', 'b'],
      ['long', 'c', 'd'],
    ]),
    'a     b\nlong  c  d',
  );
  assert.equal(alignRows([]), '');
});

test('what nobody foresaw tells its causes', () => {
  const error = new Error('It failed.', { cause: new Error('The disk is slow.', { cause: 'heat' }) });
  assert.deepEqual(describeError(error), {
    code: 'internal',
    sentence: 'It failed.',
    because: ['The disk is slow.', 'heat'],
    exitCode: 1,
  });
});
