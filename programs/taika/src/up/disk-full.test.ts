import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diskFull } from './disk-full.ts';

test('a full disk is known by code, by words and behind other errors', () => {
  const full = [
    Object.assign(new Error('write'), { code: 'ENOSPC' }),
    Object.assign(new Error('could not extend file'), { code: '53100' }),
    new Error('initdb failed.', { cause: new Error('initdb: error: No space left on device') }),
    new SuppressedError(new Error('stopping failed'), Object.assign(new Error(), { code: 'ENOSPC' })),
  ];
  for (const error of full) {
    const told = diskFull(error, '/data');
    assert.equal(told?.message, 'The disk is full.');
    assert.match(told?.remedy ?? '', /Make room on the disk of \/data/);
  }
  assert.equal(diskFull(new Error('something else'), '/data'), undefined);
});
