import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Caller, RemoteError } from '@taika/http/call';
import { uploadPartBytes } from '@taika/protocol/dispatch/blobs';
import type { Route } from '@taika/protocol/route';
import type { Clock } from '@taika/runtime/clock';
import type { Random } from '@taika/runtime/random';
import { bytesSource, fileSource } from '../job/blob-source.ts';
import { type PatientCaller, patientCaller } from './patience.ts';
import { uploadIfMissing } from './upload-blob.ts';

test('an upload that broke off goes on where it stopped', async () => {
  const source = bytesSource(new Uint8Array(3 * uploadPartBytes + 5).fill(7));
  const server = partServer({ breaksAfter: 2 });
  await assert.rejects(uploadIfMissing(server.caller, source, {}), { code: 'unreachable' });
  assert.deepEqual(server.received, [0, 1]);
  const progress: number[] = [];
  await uploadIfMissing(server.mended(), source, { onProgress: (bytes) => progress.push(bytes) });
  assert.deepEqual(server.received, [0, 1, 2, 3]);
  assert.deepEqual(server.joined, ['4']);
  assert.equal(progress.at(-1), source.bytes);
});

test('a connection that breaks late in a long upload is waited for as one that breaks early', async () => {
  for (const [msPerPart, awayMs] of [
    [100, 40_000],
    [20_000, 40_000],
  ] as const) {
    const server = partServer({ msPerPart, breaksAt: 4, awayMs });
    const source = bytesSource(new Uint8Array(5 * uploadPartBytes));
    await uploadIfMissing(server.caller, source, {});
    assert.deepEqual(server.received, [0, 1, 2, 3, 4]);
    assert.deepEqual(server.joined, ['5']);
  }
});

test('an answer that breaks off is a connection that broke', async () => {
  const server = partServer({ breaksAt: 1, breaksWithin: true });
  await uploadIfMissing(server.caller, bytesSource(new Uint8Array(2 * uploadPartBytes)), {});
  assert.deepEqual(server.received, [0, 1, 1]);
});

test('a file that is written to meanwhile is told by name, also when it only grew', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'taika-changed-'));
  try {
    const path = join(folder, 'input.csv');
    await writeFile(path, Buffer.alloc(2 * uploadPartBytes, 'a'));
    const source = await fileSource(path);
    const server = partServer({ onPart: () => writeFile(path, 'more', { flag: 'a' }) });
    await assert.rejects(uploadIfMissing(server.caller, source, {}), {
      code: 'input-changed',
      message: `${path} changed while it was sent.`,
    });
    assert.deepEqual(server.joined, []);
    await source.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** The server's half of an upload, which may break off for good (`breaksAfter` so many parts) or for a time (`breaksAt` a part). */
function partServer({
  breaksAfter,
  breaksAt,
  breaksWithin = false,
  awayMs = 0,
  msPerPart = 0,
  onPart = async () => {},
}: {
  readonly breaksAfter?: number;
  readonly breaksAt?: number;
  /** Whether it breaks when the part has arrived, in the middle of the answer. */
  readonly breaksWithin?: boolean;
  readonly awayMs?: number;
  readonly msPerPart?: number;
  readonly onPart?: () => Promise<unknown>;
}) {
  const sizes = new Map<number, number>();
  const received: number[] = [];
  const joined: string[] = [];
  let nowMs = 0;
  let backAtMs: number | undefined;
  const clock: Clock = {
    now: () => new Date(nowMs),
    monotonicMs: () => nowMs,
    async sleep(ms) {
      nowMs += ms;
    },
  };
  const random: Random = { bytes: (length) => new Uint8Array(length), fraction: () => 0.5 };
  const onceOf = (partsMax: number): Caller => ({
    async call(route: Route, ..._input: readonly unknown[]) {
      if (route.name === 'findBlob') throw new RemoteError({ code: 'not-found' }, { status: 404 });
      return { parts: [...sizes].map(([part, bytes]) => ({ part, bytes })) } as never;
    },
    async open(route: Route, input) {
      const { params, query, bytes } = input as unknown as {
        params: { part: string };
        query?: { parts: string };
        bytes?: Uint8Array;
      };
      if (route.name === 'joinParts') {
        joined.push(query?.parts ?? '');
        return Response.json({});
      }
      nowMs += msPerPart;
      const part = Number(params.part);
      const isFirstBreak = part === breaksAt && backAtMs === undefined;
      if (isFirstBreak) backAtMs = nowMs + awayMs;
      const isAway = nowMs < (backAtMs ?? 0) || (isFirstBreak && !breaksWithin);
      if (received.length >= partsMax || isAway) {
        throw new RemoteError({ code: 'unreachable' }, { status: 0 });
      }
      await onPart();
      sizes.set(part, bytes?.length ?? 0);
      received.push(part);
      return isFirstBreak ? new Response(brokenStream()) : Response.json({});
    },
  });
  const callerOf = (partsMax: number): PatientCaller =>
    patientCaller(onceOf(partsMax), { patienceMs: 45_000, clock, random });
  return {
    received,
    joined,
    caller: callerOf(breaksAfter ?? Number.POSITIVE_INFINITY),
    mended: () => callerOf(Number.POSITIVE_INFINITY),
  };
}

function brokenStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.error(new TypeError('terminated')),
  });
}
