import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { readWebhook, removeWebhook, setWebhook } from '@taika/protocol/dispatch/webhooks';
import { deliverWebhooksStep } from '../src/webhooks/deliver-webhooks.ts';
import { createGrid, pause, type TestGrid } from './support/grid.ts';
import { refusalOf } from './support/parties.ts';
import { startTestDispatch, type TestDispatch } from './support/test-dispatch.ts';

let dispatch: TestDispatch;
let grid: TestGrid;
const received: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
let answers: number[] = [];
const receiver = createServer(async (request, response) => {
  received.push({ headers: request.headers, body: await text(request) });
  response.writeHead(answers.shift() ?? 204).end();
});
let url: string;
const byLines = { split: { by: 'lines', records: 1 }, merge: { by: 'lines' } } as const;

before(async () => {
  dispatch = await startTestDispatch({ webhooks: 'any' });
  grid = await createGrid(dispatch.url, dispatch.operatorKey);
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
after(async () => {
  receiver.close();
  await dispatch?.[Symbol.asyncDispose]();
});

test('a customer is told when a job has ended, signed, and again until its server takes it', async () => {
  const earlier = await grid.submit('before\n', byLines);
  await grid.cancel(earlier);
  const { secret } = await grid.customer.call(setWebhook, { body: { url } });
  const again = await grid.customer.call(setWebhook, { body: { url } });
  assert.equal(again.secret, secret);
  answers = [500, 301, 200];
  const jobId = await grid.submit('a\n', byLines);
  await grid.cancel(jobId);
  const { sql } = dispatch.server.context;
  while ((await grid.customer.call(readWebhook)).last?.deliveredAt === undefined) {
    // The wait between two attempts is moved instead of waited for.
    await sql`update webhook_delivery set next_at = now() where next_at is not null and last_outcome in ('500', '301')`;
    await pause();
  }
  assert.equal(received.length, 3);
  const ids = new Set(received.map(({ headers }) => headers['webhook-id']));
  assert.equal(ids.size, 1);
  for (const { headers, body } of received) {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    const expected = createHmac('sha256', key).update(signed).digest('base64');
    assert.equal(headers['webhook-signature'], `v1,${expected}`);
    const message = JSON.parse(body);
    assert.deepEqual([message.type, message.job.jobId, message.job.state], ['job.ended', jobId, 'cancelled']);
  }
  const { last } = await grid.customer.call(readWebhook);
  assert.deepEqual([last?.outcome, last?.attempts], ['200', 3]);
});

test('who removed the webhook is told no more, and another customer’s jobs are not told', async () => {
  const before = received.length;
  const other = await createGrid(dispatch.url, dispatch.operatorKey);
  assert.equal((await refusalOf(other.customer.call(readWebhook))).code, 'not-found');
  await other.cancel(await other.submit('theirs\n', byLines));
  await grid.customer.open(removeWebhook, {});
  await grid.cancel(await grid.submit('mine\n', byLines));
  await deliverWebhooksStep(dispatch.server.context);
  const { sql } = dispatch.server.context;
  const [left] = await sql<
    { due: number }[]
  >`select count(*)::int as due from webhook_delivery where next_at is not null`;
  assert.equal(left?.due, 0);
  assert.equal(received.length, before);
});

test('without leave of the operator only https on the internet is spoken to', async () => {
  await using strict = await startTestDispatch();
  const { customer } = await createGrid(strict.url, strict.operatorKey);
  for (const wrong of [
    'http://customer.example/',
    'hello',
    'file:///etc/passwd',
    'https://127.0.0.1/',
    'https://[::1]/',
  ])
    assert.equal((await refusalOf(customer.call(setWebhook, { body: { url: wrong } }))).code, 'bad-request');
  const inner = await createGrid(strict.url, strict.operatorKey);
  await inner.customer.call(setWebhook, { body: { url: 'https://customer.example/' } });
  // As if its name stood for another address than when it was set.
  await strict.server.context.sql`update webhook set url = ${url.replace('http:', 'https:')}`;
  const before = received.length;
  await inner.cancel(await inner.submit('a\n', byLines));
  while ((await inner.customer.call(readWebhook)).last?.outcome !== 'the host is not on the internet')
    await pause();
  assert.equal(received.length, before);
});

test('a server that never answers holds up its own customer’s messages only', async () => {
  await using other = await startTestDispatch({ webhooks: 'any' });
  const slow = await createGrid(other.url, other.operatorKey);
  const quick = await createGrid(other.url, other.operatorKey);
  const [slowUrl, quickUrl] = ['http://127.0.0.1:1/slow', 'http://127.0.0.1:1/quick'];
  await slow.customer.call(setWebhook, { body: { url: slowUrl } });
  await quick.customer.call(setWebhook, { body: { url: quickUrl } });
  const { sql } = other.server.context;
  for (let nth = 0; nth < 3; nth++) await slow.cancel(await slow.submit('a\n', byLines));
  await quick.cancel(await quick.submit('b\n', byLines));
  while ((await sql`select from webhook_delivery`).length < 4) await pause();
  // Due in an hour: the server's own loop finds nothing, and this test's step has a clock that is two hours ahead.
  await sql`update webhook_delivery set next_at = now() + interval '1 hour', attempts = 0`;
  const { context } = other.server;
  const later = { ...context.clock, now: () => new Date(Date.now() + 2 * 3_600_000) };
  const sent: string[] = [];
  let release = () => {};
  const answered = new Promise<void>((resolve) => {
    release = resolve;
  });
  const step = deliverWebhooksStep({ ...context, clock: later }, async (to) => {
    sent.push(String(to));
    if (String(to) === slowUrl) await answered;
    return new Response(null, { status: 204 });
  });
  while (!sent.includes(quickUrl)) await pause();
  assert.deepEqual(sent.sort(), [quickUrl, slowUrl]);
  release();
  assert.equal(await step, 'again');
});
