import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameReader, frame } from './frames.ts';
import { decodeOrder, encodeOrder } from './messages.ts';
import { decodeReport, encodeReport, type Report } from './reports.ts';
import { WireReader, WireWriter } from './wire.ts';

test('what is written is read back, across every growth of the buffer', () => {
  for (let length = 1000; length < 1030; length++) {
    const blob = new Uint8Array(length).fill(7);
    const bytes = new WireWriter().bytes(blob).u8(1).u32(2).u64(3n).f64(4.5).text('五').finish();
    const reader = new WireReader(bytes);
    assert.deepEqual(reader.bytes(), blob);
    assert.deepEqual(
      [reader.u8(), reader.u32(), reader.u64(), reader.f64(), reader.text()],
      [1, 2, 3n, 4.5, '五'],
    );
    reader.end();
  }
});

test('orders survive the wire', () => {
  const job = {
    programHash: 'ab'.repeat(32),
    seed: 2n ** 64n - 1n,
    round: 3,
    unitCount: 2 ** 40,
    args: ['--fast', ''],
    env: { NAME: 'value' },
    files: new Map([['grid.bin', Uint8Array.of(1, 2, 3)]]),
  };
  const limits = {
    memoryPagesMax: 1,
    outputBytesMax: 2,
    logBytesMax: 3,
    durationMsMax: 4,
    fuelMax: 2n ** 63n,
  };
  const setup = { artefact: Uint8Array.of(0), job, limits, parallel: 2 };
  const units = [{ ticket: 7, index: 2 ** 40, input: Uint8Array.of(9) }];
  for (const order of [
    { kind: 'open', setup },
    { kind: 'run', slot: 1, units },
    { kind: 'cancel', tickets: new Set([1, 2]) },
    { kind: 'renew', job },
  ] as const) {
    assert.deepEqual(decodeOrder(encodeOrder(order)), order);
  }
});

test('reports survive the wire, and a cut or lengthened one is refused', () => {
  const output = Uint8Array.of(1, 2);
  const stderr = Uint8Array.of(3);
  const report: Report = {
    kind: 'ended',
    ends: [
      {
        ticket: 1,
        durationMs: 1.5,
        outcome: { kind: 'completed', exitCode: -1, output, stderr, fuel: 2n ** 63n, memoryPages: 4 },
      },
      { ticket: 2, durationMs: 0, outcome: { kind: 'trapped', trap: 'fuel-limit', stderr } },
      { ticket: 3, durationMs: 9, outcome: { kind: 'returned', cause: 'cancelled' } },
    ],
  };
  const bytes = encodeReport(report);
  assert.deepEqual(decodeReport(bytes), report);
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeReport(bytes.subarray(0, length)));
  }
  assert.throws(() => decodeReport(Uint8Array.of(...bytes, 0)));
});

test('frames come out whole however the stream is cut', () => {
  const messages = [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(4)];
  const stream = Uint8Array.from(messages.flatMap((message) => [...frame(message)]));
  for (let cut = 1; cut <= stream.length; cut++) {
    const seen: Uint8Array[] = [];
    const reader = new FrameReader(100, (message) => seen.push(message));
    for (let at = 0; at < stream.length; at += cut) reader.push(stream.subarray(at, at + cut));
    assert.deepEqual(seen, messages);
  }
});

test('a frame above the bound is refused before it is allocated', () => {
  const reader = new FrameReader(3, () => {});
  assert.throws(() => reader.push(frame(new Uint8Array(4))), /above 3/);
});
