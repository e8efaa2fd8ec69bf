import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CustomerId } from '@taika/protocol/schema';
import { jobIdOfKey } from './idempotency-key.ts';

const [ada, grace] = [
  '01a219c3-74e1-731b-929f-1cf7e7e7ffeb',
  '01a219c3-7939-7ec9-8b06-fb99cda955ee',
] as CustomerId[];

test('a customer’s key stands for one job, a UUID of version 8, and another’s same key for another', async () => {
  assert.ok(ada && grace);
  const id = await jobIdOfKey('forecast', ada);
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(await jobIdOfKey('forecast', ada), id);
  assert.notEqual(await jobIdOfKey('forecast', grace), id);
  assert.notEqual(await jobIdOfKey('forecasts', ada), id);
});

test('an empty key names nothing and is refused, as all that forgot it would be one job', async () => {
  assert.ok(ada);
  for (const empty of ['', ' ', '\t'])
    await assert.rejects(jobIdOfKey(empty, ada), {
      name: 'RemoteError',
      code: 'bad-request',
      fault: 'caller',
    });
});
