import type { FastifyReply } from 'fastify';

/** A small file that was made for one request. */
export interface MadeFile {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly fileName: string;
}

/** Sends a file under its name. It is somebody's own, so no cache between us keeps it. */
export function sendMadeFile(reply: FastifyReply, { bytes, mediaType, fileName }: MadeFile): FastifyReply {
  return reply
    .code(200)
    .type(mediaType)
    .header('content-disposition', `inline; filename="${fileName.replace(/[^\w.-]/g, '_')}"`)
    .header('cache-control', 'private, no-store')
    .header('x-content-type-options', 'nosniff')
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
