import { createHash } from 'node:crypto';
import { ApiError } from '@taika/http/api-error';
import { type ByteRange, contentRange, readByteRange } from '@taika/http/byte-range';
import { contentDigestHeader, formatContentDigest, wantDigestHeader } from '@taika/http/content-digest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Blobs } from './blobs.ts';

/** Sends a blob, or the range that the request asks for. Its digest is its ETag: what it names never changes. */
export async function sendBlob(
  blobs: Blobs,
  sha256: string,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const size = await blobs.size(sha256);
  if (size === undefined) {
    throw new ApiError('not-found', `There is no blob ${sha256}.`);
  }
  reply.header('accept-ranges', 'bytes').header('etag', `"${sha256}"`).type('application/octet-stream');
  const asked = readByteRange(request.headers.range, size);
  switch (asked.kind) {
    case 'unsatisfiable':
      return reply.code(416).header('content-range', `bytes */${size}`).send();
    case 'part': {
      reply.code(206).header('content-range', contentRange(asked.range, size));
      if (String(request.headers[wantDigestHeader] ?? '').includes('sha-256')) {
        reply.header(contentDigestHeader, await digestOf(blobs, sha256, asked.range));
      }
      return reply.header('content-length', asked.range.length).send(await blobs.open(sha256, asked.range));
    }
    case 'whole':
      return reply
        .code(200)
        .header('content-length', size)
        .send(await blobs.open(sha256));
  }
}

/** A part has no name that it hashes to. It is read twice and never held: the second time it comes from memory anyway. */
async function digestOf(blobs: Blobs, sha256: string, range: ByteRange): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of await blobs.open(sha256, range)) {
    hash.update(chunk as Uint8Array);
  }
  return formatContentDigest(hash.digest());
}
