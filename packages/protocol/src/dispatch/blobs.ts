import { Type } from 'typebox';
import { defineRoute } from '../route.ts';
import { Sha256Hex } from '../schema.ts';

const BlobParams = Type.Object({ sha256: Sha256Hex });
const BlobInfo = Type.Object({ sha256: Sha256Hex, bytes: Type.Integer() });

export const uploadBlob = defineRoute({
  name: 'uploadBlob',
  method: 'PUT',
  path: '/v1/blobs/:sha256',
  access: ['customer', 'terminal'],
  summary:
    'Store bytes under their SHA-256. The same bytes are stored once; whoever uploads them may use them.',
  params: BlobParams,
  stream: 'request-bytes',
  reply: BlobInfo,
});

export const findBlob = defineRoute({
  name: 'findBlob',
  method: 'GET',
  path: '/v1/blobs/:sha256/info',
  access: ['customer'],
  summary: 'Whether this customer has already uploaded these bytes.',
  params: BlobParams,
  reply: BlobInfo,
});

export const readSignedBlob = defineRoute({
  name: 'readSignedBlob',
  method: 'GET',
  path: '/v1/signed-blobs/:sha256',
  access: ['signed-url'],
  summary: 'Bytes, or a range of them, by a URL that the server signed for one terminal and a short time.',
  params: BlobParams,
  query: Type.Object({ until: Type.String(), signature: Type.String() }),
  stream: 'reply-bytes',
});

/** Bytes of every part of an upload but the last. What is sent again after an interruption is less than this. */
export const uploadPartBytes = 8 * 1024 * 1024;

const PartParams = Type.Object({
  sha256: Sha256Hex,
  part: Type.String({ pattern: '^(0|[1-9][0-9]{0,4})$', description: 'number of the part, from 0' }),
});

export const uploadPart = defineRoute({
  name: 'uploadPart',
  method: 'PUT',
  path: '/v1/blobs/:sha256/parts/:part',
  access: ['customer'],
  summary: `Store one part of a large blob: ${uploadPartBytes} bytes, the last one fewer. Parts that are not put together within a week are deleted.`,
  params: PartParams,
  stream: 'request-bytes',
  reply: Type.Object({ part: Type.Integer(), bytes: Type.Integer() }),
});

export const listParts = defineRoute({
  name: 'listParts',
  method: 'GET',
  path: '/v1/blobs/:sha256/parts',
  access: ['customer'],
  summary: 'The parts of a blob that this customer has sent: what an interrupted upload need not send again.',
  params: BlobParams,
  reply: Type.Object({ parts: Type.Array(Type.Object({ part: Type.Integer(), bytes: Type.Integer() })) }),
});

export const joinParts = defineRoute({
  name: 'joinParts',
  method: 'POST',
  path: '/v1/blobs/:sha256/join',
  access: ['customer'],
  summary: 'Put the parts together into the blob. Where they do not hash to its name they are deleted.',
  params: BlobParams,
  query: Type.Object({
    parts: Type.String({ pattern: '^[1-9][0-9]{0,4}$', description: 'how many there are' }),
  }),
  reply: BlobInfo,
});
