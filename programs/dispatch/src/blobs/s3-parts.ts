import { ApiError } from '@taika/http/api-error';
import type { BlobParts, StoredPart } from './blobs.ts';
import type { S3Store } from './s3-store.ts';
import { tooLarge } from './write-durably.ts';

/** Parts of uploads in an object store: `parts/KEY/NUMBER`. A part is small, so it is held in memory. */
export function openS3Parts(store: S3Store): BlobParts {
  return {
    async put(key, part, source, bytesMax) {
      const pieces: Uint8Array[] = [];
      let bytes = 0;
      for await (const piece of source) {
        bytes += piece.length;
        if (bytes > bytesMax) {
          throw tooLarge(bytesMax);
        }
        pieces.push(piece);
      }
      await store.put(keyOf(key, part), Buffer.concat(pieces));
      return { part, bytes };
    },
    async list(key) {
      const parts: StoredPart[] = [];
      for await (const { key: name, bytes } of store.list(`parts/${key}/`)) {
        parts.push({ part: Number(name.split('/').at(-1)), bytes });
      }
      return parts.sort((left, right) => left.part - right.part);
    },
    async *open(key, count) {
      for (let part = 0; part < count; part++) {
        const stream = await store.get(keyOf(key, part));
        if (stream === undefined) {
          throw new ApiError('not-found', `Part ${part} of the upload is not here.`);
        }
        yield* stream;
      }
    },
    async remove(key) {
      for await (const { key: name } of store.list(`parts/${key}/`)) {
        await store.remove(name);
      }
    },
    async removeOlderThan(instant) {
      const newest = new Map<string, { at: Date; names: string[] }>();
      for await (const { key: name, changedAt } of store.list('parts/')) {
        const upload = name.split('/')[1] ?? '';
        const known = newest.get(upload) ?? { at: changedAt, names: [] };
        newest.set(upload, {
          at: changedAt > known.at ? changedAt : known.at,
          names: [...known.names, name],
        });
      }
      for (const { at, names } of newest.values()) {
        for (const name of at < instant ? names : []) {
          await store.remove(name);
        }
      }
    },
  };
}

function keyOf(key: string, part: number): string {
  return `parts/${key}/${part}`;
}
