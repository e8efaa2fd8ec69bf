import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A store that speaks as much of the S3 protocol as blobs need, in memory. It checks every signature (SigV4). */
export interface S3Server extends AsyncDisposable {
  readonly url: string;
  readonly objects: Map<string, { readonly bytes: Buffer; readonly changedAt: Date }>;
  /** Requests whose signature was wrong or over. */
  readonly refused: string[];
}

export const s3Credentials = { accessKeyId: 'TESTKEY', secretAccessKey: 'test-secret' };

export async function startS3Server(): Promise<S3Server> {
  const objects: S3Server['objects'] = new Map();
  const uploads = new Map<string, Map<number, Buffer>>();
  const refused: string[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    if (!isSigned(request, body)) {
      refused.push(`${request.method} ${request.url}`);
      response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
      return;
    }
    answer(request, body, response, objects, uploads);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    objects,
    refused,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function answer(
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  objects: S3Server['objects'],
  uploads: Map<string, Map<number, Buffer>>,
): void {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://store.example');
  const key = decodeURIComponent(pathname.split('/').slice(2).join('/'));
  const xml = (text: string) => response.writeHead(200, { 'content-type': 'application/xml' }).end(text);
  const uploadId = searchParams.get('uploadId');
  if (request.method === 'POST' && searchParams.has('uploads')) {
    const id = `upload-${uploads.size + 1}`;
    uploads.set(id, new Map());
    xml(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
  } else if (request.method === 'PUT' && uploadId !== null) {
    uploads.get(uploadId)?.set(Number(searchParams.get('partNumber')), body);
    response.writeHead(200, { etag: `"${createHash('md5').update(body).digest('hex')}"` }).end();
  } else if (request.method === 'POST' && uploadId !== null) {
    const parts = [...(uploads.get(uploadId) ?? [])].sort(([left], [right]) => left - right);
    const tooSmall = parts.slice(0, -1).some(([, part]) => part.length < 5 * 1024 * 1024);
    if (tooSmall) {
      response.writeHead(400).end('<Error><Code>EntityTooSmall</Code></Error>');
      return;
    }
    objects.set(key, { bytes: Buffer.concat(parts.map(([, part]) => part)), changedAt: new Date() });
    xml('<CompleteMultipartUploadResult></CompleteMultipartUploadResult>');
  } else if (request.method === 'PUT') {
    objects.set(key, { bytes: body, changedAt: new Date() });
    response.writeHead(200, { etag: '"etag"' }).end();
  } else if (request.method === 'DELETE') {
    objects.delete(key);
    response.writeHead(204).end();
  } else if (searchParams.get('list-type') === '2') {
    const prefix = searchParams.get('prefix') ?? '';
    const listed = [...objects].filter(([name]) => name.startsWith(prefix)).sort();
    xml(
      `<ListBucketResult>${listed
        .map(
          ([name, { bytes, changedAt }]) =>
            `<Contents><Key>${name}</Key><Size>${bytes.length}</Size><LastModified>${changedAt.toISOString()}</LastModified></Contents>`,
        )
        .join('')}</ListBucketResult>`,
    );
  } else {
    sendObject(request, response, objects.get(key)?.bytes);
  }
}

function sendObject(request: IncomingMessage, response: ServerResponse, bytes: Buffer | undefined): void {
  if (bytes === undefined) {
    response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    return;
  }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (first !== undefined && Number(first) >= bytes.length) {
    response.writeHead(416).end('<Error><Code>InvalidRange</Code></Error>');
    return;
  }
  const end = last === undefined || last === '' ? bytes.length : Math.min(bytes.length, Number(last) + 1);
  const part = bytes.subarray(Number(first ?? 0), end);
  const headers = { 'content-length': String(part.length), 'accept-ranges': 'bytes' };
  response.writeHead(first === undefined ? 200 : 206, {
    ...headers,
    ...(first === undefined ? {} : { 'content-range': `bytes ${first}-${end - 1}/${bytes.length}` }),
  });
  response.end(request.method === 'HEAD' ? undefined : part);
}

/** AWS Signature Version 4, in the header or in the query, as Amazon's documentation of it describes. */
function isSigned(request: IncomingMessage, body: Buffer): boolean {
  const url = new URL(request.url ?? '', 'http://store.example');
  const query = url.searchParams;
  const header = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
    request.headers.authorization ?? '',
  );
  const credential = header?.[1] ?? query.get('X-Amz-Credential') ?? '';
  const signedHeaders = header?.[2] ?? query.get('X-Amz-SignedHeaders') ?? '';
  const signature = header?.[3] ?? query.get('X-Amz-Signature') ?? '';
  const date = String(request.headers['x-amz-date'] ?? query.get('X-Amz-Date') ?? '');
  const given = header === null ? 'UNSIGNED-PAYLOAD' : String(request.headers['x-amz-content-sha256']);
  if (header !== null && given !== 'UNSIGNED-PAYLOAD' && given !== sha256(body)) return false;
  if (header === null && isOver(date, Number(query.get('X-Amz-Expires')))) return false;
  query.delete('X-Amz-Signature');
  const pairs = [...query].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort();
  const headers = signedHeaders.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const path = url.pathname
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/');
  const canonical = [request.method, path, pairs.join('&'), headers.join(''), signedHeaders, given].join(
    '\n',
  );
  const [accessKeyId, ...scope] = credential.split('/');
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(Buffer.from(canonical))].join('\n');
  const key = scope.reduce<Buffer | string>(
    (secret, part) => hmac(secret, part),
    `AWS4${s3Credentials.secretAccessKey}`,
  );
  return accessKeyId === s3Credentials.accessKeyId && hmac(key, text).toString('hex') === signature;
}

function isOver(date: string, seconds: number): boolean {
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  return !(Date.parse(iso) + seconds * 1000 > Date.now());
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
