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
