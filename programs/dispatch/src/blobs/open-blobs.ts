import { join } from 'node:path';
import type { DispatchContext } from '../context.ts';
import type { Blobs } from './blobs.ts';
import { openDirectoryBlobs } from './directory-blobs.ts';
import { signBlobUrl } from './signed-url.ts';

/** Where blobs are kept: in the data directory, or in an object store. */
export interface BlobSettings {
  /** `s3://bucket/prefix`; undefined for the data directory. */
  readonly url: string | undefined;
  readonly endpoint: string | undefined;
  readonly region: string;
}

/** Opens the store that the settings name. */
export async function openBlobs(
  { dataDirectory, publicUrl, secrets }: Pick<DispatchContext, 'dataDirectory' | 'publicUrl' | 'secrets'>,
  { url, endpoint, region }: BlobSettings,
): Promise<Blobs> {
  if (url === undefined) {
    return openDirectoryBlobs(join(dataDirectory, 'blobs'), (sha256, until) =>
      signBlobUrl(sha256, until, { baseUrl: publicUrl(), secret: secrets.signedUrl }),
    );
  }
  // Large packages that only this setting needs.
  const { openS3Store, readS3Url } = await import('./s3-store.ts');
  const { openS3Blobs } = await import('./s3-blobs.ts');
  return openS3Blobs(openS3Store(readS3Url(url, { endpoint, region })), join(dataDirectory, 'spool'));
}
