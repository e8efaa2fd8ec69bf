import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEvents } from './read-events.ts';

test('events are read whatever way they are cut into chunks', async () => {
  const text =
    ': hello\n\nevent: job\ndata: {"a":1}\n\nevent: job\r\ndata: one\r\ndata: two\r\n\r\ndata:x\n\n';
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    const events = await Array.fromAsync(readEvents(chunks));
    assert.deepEqual(events, [
      { event: 'job', data: '{"a":1}' },
      { event: 'job', data: 'one\ntwo' },
      { event: 'message', data: 'x' },
    ]);
  }
});
