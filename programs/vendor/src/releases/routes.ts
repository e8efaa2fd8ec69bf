import { Readable } from 'node:stream';
import { ApiError } from '@taika/http/api-error';
import { contentRange, readByteRange } from '@taika/http/byte-range';
import { limits } from '@taika/protocol/limits';
import {
  download,
  publishRelease as publishReleaseRoute,
  readLatestRelease,
  uploadReleaseFile,
} from '@taika/protocol/vendor/catalogue';
import type { FastifyReply } from 'fastify';
import type { VendorRouter } from '../access/router.ts';
import type { VendorContext } from '../context.ts';
import { readStoredFile, storedFileBytes, storeFile } from './file-store.ts';
import { publishRelease, readLatest } from './publish-release.ts';
import { findPublishedFile, findStoredFiles, insertStoredFile } from './queries.ts';

/** Releases of applications and agents, and their bytes (steps 201 to 202, 501 to 502). */
export function registerReleaseRoutes(declare: VendorRouter, context: VendorContext): void {
  declare(readLatestRelease, ({ params }) => readLatest(context, params.product));

  declare(publishReleaseRoute, ({ params, body }) =>
    publishRelease(context, { product: params.product, version: params.version, files: body.files }),
  );

  declare(uploadReleaseFile, async ({ params: { sha256 }, request }) => {
    if (!(request.body instanceof Readable)) {
      throw new ApiError('bad-request', 'Send the file’s bytes as application/octet-stream.');
    }
    const known = (await findStoredFiles(context.sql, [sha256])).get(sha256);
    const onDisk = await storedFileBytes(context.filesDirectory, sha256);
    if (known !== undefined && onDisk === Number(known)) {
      request.body.resume();
      return { sha256, bytes: onDisk };
    }
    const bytes = await storeFile(context.filesDirectory, {
      sha256,
      body: request.body,
      bytesMax: limits.blobBytesMax,
    });
    await insertStoredFile(context.sql, { sha256, bytes, now: context.clock.now() });
    return { sha256, bytes };
  });

  declare(download, async ({ params, request, reply }) => {
    const published = await findPublishedFile(context.sql, params.sha256);
    if (published === undefined) {
      throw new ApiError('not-found', 'No published release has a file with this SHA-256.');
    }
    const file = { ...published, sha256: params.sha256, bytes: Number(published.bytes) };
    return sendFile(context, reply, file, {
      range: request.headers.range,
      ifRange: header(request.headers['if-range']),
      ifNoneMatch: request.headers['if-none-match'],
    });
  });
}

async function sendFile(
  { filesDirectory }: VendorContext,
  reply: FastifyReply,
  file: { readonly sha256: string; readonly name: string; readonly bytes: number },
  asked: {
    readonly range: string | undefined;
    readonly ifRange: string | undefined;
    readonly ifNoneMatch: string | undefined;
  },
): Promise<FastifyReply> {
  const { sha256, name, bytes } = file;
  const etag = `"${sha256}"`;
  reply
    .header('etag', etag)
    .header('accept-ranges', 'bytes')
    .header('cache-control', 'public, max-age=31536000, immutable')
    .header('content-disposition', `attachment; filename="${name}"`)
    // A download is never to be taken for a page of this server.
    .header('x-content-type-options', 'nosniff')
    .type('application/octet-stream');
  if (asked.ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)) {
    return reply.code(304).send();
  }
  const part = readByteRange(
    asked.ifRange === undefined || asked.ifRange === etag ? asked.range : undefined,
    bytes,
  );
  if (part.kind === 'unsatisfiable') {
    return reply.code(416).header('content-range', `bytes */${bytes}`).send();
  }
  if ((await storedFileBytes(filesDirectory, sha256)) !== bytes) {
    throw new Error(
      `The file ${sha256} of a published release is missing or cut short in ${filesDirectory}.`,
    );
  }
  if (part.kind === 'part') {
    reply.code(206).header('content-range', contentRange(part.range, bytes));
    reply.header('content-length', part.range.length);
    return reply.send(readStoredFile(filesDirectory, sha256, part.range));
  }
  reply.header('content-length', bytes);
  return reply.send(readStoredFile(filesDirectory, sha256));
}

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
