import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createCaller } from '@taika/http/call';
import { declareRoute } from '@taika/http/declare-route';
import { downloadBytes } from '@taika/http/download';
import { listen } from '@taika/http/listen';
import { downloadToFile, uploadFile } from '@taika/http/node-transfer';
import { readEvents } from '@taika/http/read-events';
import { sendEvents } from '@taika/http/send-events';
import { createHttpServer } from '@taika/http/server';
import { defineRoute } from '@taika/protocol/route';
import { systemClock } from '@taika/runtime/clock';
import { type Logger, silentLogger } from '@taika/runtime/logger';
import { systemRandom } from '@taika/runtime/random';
import { Type } from 'typebox';

const shared = { access: ['public'], summary: 'A stream.' } as const;
const events = defineRoute({
  ...shared,
  name: 'events',
  method: 'GET',
  path: '/v1/events',
  stream: 'reply-events',
});
const bytesRoute = defineRoute({
  ...shared,
  name: 'bytes',
  method: 'GET',
  path: '/v1/bytes',
  stream: 'reply-bytes',
});
const upload = defineRoute({
  ...shared,
  name: 'upload',
  method: 'PUT',
  path: '/v1/bytes',
  stream: 'request-bytes',
  reply: Type.Object({ bytes: Type.Integer() }),
});
const content = new Uint8Array(3_000_000).map((_, index) => index % 251);
const sha256 = createHash('sha256').update(content).digest('hex');

async function startExample(log: Logger = silentLogger) {
  let streams = 0;
  const app = createHttpServer({
    name: 'streams',
    log,
    bodyBytesMax: 1000,
    openapi: { title: 'Streams', version: '1' },
    readiness: async () => {},
  });
  declareRoute(app, events, ({ reply, signal }) =>
    sendEvents(
      reply,
      (async function* () {
        streams += 1;
        using ended = new DisposableStack();
        ended.defer(() => {
          streams -= 1;
        });
        yield { id: '1', event: 'step', data: { text: 'a\nb', sum: 10n ** 20n } };
        yield { data: 2 };
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        );
      })(),
      signal,
    ),
  );
  declareRoute(app, bytesRoute, ({ reply }) =>
    reply.type('application/octet-stream').send(Readable.from([content])),
  );
  declareRoute(app, upload, async ({ request }) => {
    let bytes = 0;
    for await (const chunk of request.body as Readable) {
      bytes += (chunk as Buffer).byteLength;
    }
    return { bytes };
  });
  const { url } = await listen(app, { port: 0 });
  return {
    app,
    streamsOpen: () => streams,
    caller: createCaller({ baseUrl: url, clock: systemClock, random: systemRandom }),
    [Symbol.asyncDispose]: () => app.close(),
  };
}

test('events arrive one by one, and a server that closes ends the stream', { timeout: 5_000 }, async () => {
  await using example = await startExample();
  const seen: unknown[] = [];
  for await (const event of readEvents(example.caller, events, {})) {
    seen.push(event);
    if (seen.length === 2) {
      void example.app.close();
    }
  }
  assert.deepEqual(seen, [
    { id: '1', event: 'step', data: { text: 'a\nb', sum: '100000000000000000000' } },
    { id: undefined, event: undefined, data: 2 },
  ]);
});

test('a reader who leaves is no failure of ours', { timeout: 5_000 }, async () => {
  const failures: object[] = [];
  await using example = await startExample({
    ...silentLogger,
    error: (fields) => void failures.push(fields),
  });
  for await (const _event of readEvents(example.caller, events, {})) {
    break;
  }
  while (example.streamsOpen() > 0) {
    await setImmediate();
  }
  // Whatever the end of the stream set off is over when another request has been answered.
  await example.app.inject('/healthz');
  assert.deepEqual(failures, []);
});

test('a download is bounded and checked against its digest', async () => {
  await using example = await startExample();
  const progress: number[] = [];
  const options = { sha256, bytesMax: 4_000_000, onProgress: (bytes: number) => progress.push(bytes) };
  assert.deepEqual(await downloadBytes(example.caller, bytesRoute, {}, options), content);
  assert.equal(progress.at(-1), content.length);
  await assert.rejects(downloadBytes(example.caller, bytesRoute, {}, { bytesMax: 1000 }), {
    code: 'too-large',
  });
  const wrong = { sha256: '0'.repeat(64), bytesMax: 4_000_000 };
  await assert.rejects(downloadBytes(example.caller, bytesRoute, {}, wrong), {
    code: 'digest-mismatch',
    retryable: true,
  });
});

test('files go up and come down larger than any JSON body may be; a damaged one does not appear', async () => {
  await using example = await startExample();
  const directory = await mkdtemp(join(tmpdir(), 'taika-transfer-'));
  try {
    const path = join(directory, 'down');
    await downloadToFile(example.caller, bytesRoute, {}, { sha256, bytesMax: 4_000_000, path });
    assert.ok((await readFile(path)).equals(content));
    const damaged = { sha256: '0'.repeat(64), bytesMax: 4_000_000, path: join(directory, 'damaged') };
    await assert.rejects(downloadToFile(example.caller, bytesRoute, {}, damaged), {
      code: 'digest-mismatch',
    });
    assert.deepEqual(await readdir(directory), ['down']);
    await writeFile(join(directory, 'up'), content);
    const reply = await uploadFile(example.caller, upload, {}, { path: join(directory, 'up') });
    assert.deepEqual(reply, { bytes: content.length });
  } finally {
    await rm(directory, { recursive: true });
  }
});
