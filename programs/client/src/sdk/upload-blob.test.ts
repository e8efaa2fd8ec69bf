import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Caller, RemoteError } from '@taika/http/call';
import { uploadPartBytes } from '@taika/protocol/dispatch/blobs';
import type { Route } from '@taika/protocol/route';
import { bytesSource, fileSource } from '../job/blob-source.ts';
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

/** The server's half of an upload, which may break off. */
function partServer({
  breaksAfter,
  onPart = async () => {},
}: {
  readonly breaksAfter?: number;
  readonly onPart?: () => Promise<unknown>;
}) {
  const sizes = new Map<number, number>();
  const received: number[] = [];
  const joined: string[] = [];
  const callerOf = (partsMax: number): Caller => ({
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
      if (received.length >= partsMax) throw new RemoteError({ code: 'unreachable' }, { status: 0 });
      await onPart();
      sizes.set(Number(params.part), bytes?.length ?? 0);
      received.push(Number(params.part));
      return Response.json({});
    },
  });
  return {
    received,
    joined,
    caller: callerOf(breaksAfter ?? Number.POSITIVE_INFINITY),
    mended: () => callerOf(Number.POSITIVE_INFINITY),
  };
}
