import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ByteRange } from '@taika/http/byte-range';

/** Where blobs lie in an object store, and how it is reached. Keys come from the environment, as for every AWS tool. */
export interface S3Place {
  readonly bucket: string;
  /** Before every key, such as `taika/`; may be empty. */
  readonly prefix: string;
  /** Of a store that is not Amazon's. */
  readonly endpoint?: string | undefined;
  readonly region: string;
}

/** Reads `s3://bucket/prefix`. */
export function readS3Url(url: string, more: Pick<S3Place, 'endpoint' | 'region'>): S3Place {
  const [, bucket = '', path = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?(.*)$/.exec(url) ?? [];
  const prefix = path === '' || path.endsWith('/') ? path : `${path}/`;
  return { bucket, prefix, ...more };
}

/** An object as it is listed. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly changedAt: Date;
}

/** The few calls of an object store that blobs need. Keys are without the prefix. */
export interface S3Store {
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Stores what `parts` gives, each at least 5 MiB but the last, under one key at once. */
  putParts(key: string, parts: AsyncIterable<Uint8Array>): Promise<void>;
  /** Undefined when there is no such object, or it ends before the range. */
  get(key: string, range?: ByteRange): Promise<Readable | undefined>;
  size(key: string): Promise<number | undefined>;
  remove(key: string): Promise<void>;
  list(prefix: string): AsyncIterable<ListedObject>;
  urlOf(key: string, seconds: number): Promise<string>;
}

export function openS3Store({ bucket, prefix, endpoint, region }: S3Place): S3Store {
  const client = new S3Client({
    region,
    // Stores that are not Amazon's do not know the newer checksums; every blob is checked by its SHA-256 anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  });
  const at = (key: string) => ({ Bucket: bucket, Key: `${prefix}${key}` });
  return {
    async put(key, bytes) {
      await client.send(new PutObjectCommand({ ...at(key), Body: bytes }));
    },
    async putParts(key, parts) {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(at(key)));
      try {
        const Parts: { readonly PartNumber: number; readonly ETag: string | undefined }[] = [];
        for await (const Body of parts) {
          const PartNumber = Parts.length + 1;
          const sent = await client.send(new UploadPartCommand({ ...at(key), UploadId, PartNumber, Body }));
          Parts.push({ PartNumber, ETag: sent.ETag });
        }
        await client.send(
          new CompleteMultipartUploadCommand({ ...at(key), UploadId, MultipartUpload: { Parts } }),
        );
      } catch (error) {
        await client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId })).catch(() => {});
        throw error;
      }
    },
    async get(key, range) {
      const Range = range && `bytes=${range.offset}-${range.offset + range.length - 1}`;
      const found = await unlessMissing(() => client.send(new GetObjectCommand({ ...at(key), Range })));
      return found?.Body as Readable | undefined;
    },
    async size(key) {
      return (await unlessMissing(() => client.send(new HeadObjectCommand(at(key)))))?.ContentLength;
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand(at(key)));
    },
    async *list(under) {
      let ContinuationToken: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}${under}`, ContinuationToken }),
        );
        for (const { Key = '', Size = 0, LastModified = new Date(0) } of page.Contents ?? []) {
          yield { key: Key.slice(prefix.length), bytes: Size, changedAt: LastModified };
        }
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
    },
    urlOf: (key, expiresIn) => getSignedUrl(client, new GetObjectCommand(at(key)), { expiresIn }),
  };
}

async function unlessMissing<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    // 416: the object ends before the range.
    if (status === 404 || status === 416) {
      return undefined;
    }
    throw error;
  }
}
