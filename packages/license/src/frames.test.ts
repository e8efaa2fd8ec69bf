import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkFrameBytesMax } from '@taika/protocol/local-link';
import fc from 'fast-check';
import { FrameError } from './frame-error.ts';
import { encodeFrame, FrameReader } from './frames.ts';

test('messages survive any cutting of the stream into pieces', () => {
  const message = fc.dictionary(
    fc.string(),
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean()),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), fc.integer({ min: 1, max: 9 }), (messages, size) => {
      const bytes = Buffer.concat(messages.map((each) => encodeFrame(each)));
      const reader = new FrameReader();
      const read: unknown[] = [];
      for (let at = 0; at < bytes.length; at += size)
        read.push(...reader.push(bytes.subarray(at, at + size)));
      reader.end();
      assert.deepEqual(
        read,
        messages.map((each) => JSON.parse(JSON.stringify(each))),
      );
    }),
  );
});

test('a frame that is cut off is refused at the end of the stream', () => {
  const reader = new FrameReader();
  assert.deepEqual(reader.push(encodeFrame({ type: 'release' }).slice(0, -1)), []);
  assert.throws(() => reader.end(), FrameError);
});

test('an oversized frame is refused by its length, before its body is waited for', () => {
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, linkFrameBytesMax + 1, true);
  assert.throws(() => new FrameReader().push(header), /not allowed/);
  assert.throws(() => encodeFrame({ text: 'x'.repeat(linkFrameBytesMax) }), FrameError);
});

test('an empty frame is refused', () => {
  assert.throws(() => new FrameReader().push(new Uint8Array(4)), FrameError);
});

test('a frame that is not UTF-8 is refused', () => {
  assert.throws(() => new FrameReader().push(raw(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d))), /UTF-8/);
});

test('a name that appears twice is refused, even when one is spelt with an escape or nested', () => {
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"x":{"b":1,"b":1}}',
    '{"x":[{"b":1,"b":1}]}',
  ]) {
    assert.throws(() => new FrameReader().push(raw(text)), /twice/, text);
  }
  for (const text of [
    '{"a":"a","b":"a"}',
    '{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
    '{"a":"{\\"b\\":1,\\"b\\":2}"}',
  ]) {
    assert.doesNotThrow(() => new FrameReader().push(raw(text)), text);
  }
});

test('what is no JSON object is refused', () => {
  for (const text of [
    '[]',
    'null',
    '1',
    '"a"',
    '{',
    '{"a":1,}',
    '{"a":"\u0001"}',
    `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
  ]) {
    assert.throws(() => new FrameReader().push(raw(text)), FrameError, text);
  }
});

function raw(body: string | Uint8Array): Uint8Array {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const frame = new Uint8Array(4 + bytes.length);
  new DataView(frame.buffer).setUint32(0, bytes.length, true);
  frame.set(bytes, 4);
  return frame;
}
