import { Readable } from 'node:stream';
import { inTransaction } from '@taika/database/transaction';
import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import {
  findBlob,
  joinParts as joinPartsRoute,
  listParts,
  readSignedBlob,
  uploadBlob,
  uploadPart,
  uploadPartBytes,
} from '@taika/protocol/dispatch/blobs';
import { limits } from '@taika/protocol/limits';
import type { DispatchRouter } from '../access/router.ts';
import type { Caller, DispatchContext } from '../context.ts';
import type { Blobs } from './blobs.ts';
import { isStored } from './is-stored.ts';
import { joinParts, partsKey } from './join-parts.ts';
import { type BlobOwner, touchOwnedBlob } from './queries.ts';
import { recordBlob } from './record-blob.ts';
import { sendBlob } from './send-blob.ts';
import { checkBlobUrl } from './signed-url.ts';

/** The largest output that a job may allow (`limits.outputBytes`). */
const terminalBlobBytesMax = 256 * 1024 * 1024;

/** Blobs: uploaded by customers and terminals, read by terminals through signed URLs. */
export function registerBlobRoutes(route: DispatchRouter, context: DispatchContext, blobs: Blobs): void {
  const { sql, clock, secrets } = context;
  route(uploadBlob, async ({ params, request, caller }) => {
    const owner = ownerOf(caller);
    // Read to its end even where the bytes are here already: only who has the bytes may use them.
    const stored = await blobs.put(bytesOf(request.body), {
      sha256: params.sha256,
      bytesMax: owner.kind === 'terminal' ? terminalBlobBytesMax : limits.blobBytesMax,
    });
    await inTransaction(sql, (tx) => recordBlob(tx, blobs, stored, { owner, now: clock.now() }));
    return stored;
  });

  route(findBlob, async ({ params: { sha256 }, caller }) => {
    const { customerNumber } = callerOf('customer', caller);
    const bytes = await touchOwnedBlob(sql, { sha256, customerNumber, now: clock.now() });
    if (bytes === undefined) {
      throw new ApiError('not-found', 'You have not uploaded these bytes.');
    }
    if (!(await isStored(blobs, { sha256, bytes }))) {
      throw new ApiError('not-found', 'These bytes are not on the server any more: upload them again.');
    }
    return { sha256, bytes };
  });

  route(uploadPart, ({ params: { sha256, part }, request, caller }) =>
    blobs.parts.put(
      partsKey(callerOf('customer', caller).customerNumber, sha256),
      Number(part),
      bytesOf(request.body),
      uploadPartBytes,
    ),
  );

  route(listParts, async ({ params: { sha256 }, caller }) => ({
    parts: await blobs.parts.list(partsKey(callerOf('customer', caller).customerNumber, sha256)),
  }));

  route(joinPartsRoute, ({ params: { sha256 }, query, caller }) =>
    joinParts(context, blobs, { sha256, parts: Number(query.parts), owner: callerOf('customer', caller) }),
  );

  route(readSignedBlob, async ({ params, query, request, reply }) => {
    checkBlobUrl(params.sha256, query, secrets.signedUrl, clock.now());
    return sendBlob(blobs, params.sha256, { request, reply });
  });
}

function ownerOf(caller: Caller): BlobOwner {
  if (caller.kind === 'customer' || caller.kind === 'terminal') {
    return caller;
  }
  throw new Error(`A blob was uploaded by ${caller.kind}.`);
}

function bytesOf(body: unknown): AsyncIterable<Uint8Array> {
  if (body === undefined || body === null) {
    return Readable.from([]);
  }
  if (!(body instanceof Readable)) {
    throw new ApiError('bad-request', 'Send the bytes with content-type application/octet-stream.');
  }
  return body;
}
