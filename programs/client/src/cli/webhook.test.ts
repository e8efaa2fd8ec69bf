import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuseUnset } from './webhook.ts';

test('a webhook that is not set is told with how to set one; any other error stays what it is', () => {
  assert.throws(() => refuseUnset(Object.assign(new Error('not found'), { code: 'not-found' })), {
    message: 'No webhook is set.',
    remedy: 'Set one: taika webhook URL',
  });
  const other = new Error('away');
  assert.throws(
    () => refuseUnset(other),
    (error) => error === other,
  );
});
