import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyWebhook } from './verify-webhook.ts';

/** The example of the Standard Webhooks libraries: an independent signature. */
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const body = '{"test": 2432232314}';
const headers = {
  'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  'webhook-timestamp': '1614265330',
  'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const now = new Date(1_614_265_330_000);

test('a message is the contractor’s when signature, time and body fit', async () => {
  assert.equal(await verifyWebhook(body, headers, { secret, now }), true);
  const among = { ...headers, 'webhook-signature': `v1a,x v1,AAAA ${headers['webhook-signature']}` };
  assert.equal(await verifyWebhook(body, among, { secret, now }), true);
  assert.equal(await verifyWebhook(`${body} `, headers, { secret, now }), false);
  assert.equal(await verifyWebhook(body, { ...headers, 'webhook-id': 'other' }, { secret, now }), false);
  assert.equal(await verifyWebhook(body, headers, { secret, now: new Date(now.getTime() + 301_000) }), false);
  assert.equal(await verifyWebhook(body, {}, { secret, now }), false);
});
