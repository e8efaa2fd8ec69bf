import { canonicalJson } from '@taika/crypto/canonical-json';
import { signToken } from '@taika/crypto/token';
import type { SqlOrTransaction } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import type { BodyOf } from '@taika/protocol/route';
import { tokenTypes } from '@taika/protocol/tokens';
import type { publishRelease as publishReleaseRoute, ReleaseText } from '@taika/protocol/vendor/catalogue';
import { readProduct } from '../catalogue/offer-product.ts';
import type { VendorContext } from '../context.ts';
import {
  findLatestRelease,
  findRelease,
  findStoredFiles,
  insertRelease,
  listReleaseFiles,
  type ReleaseRow,
} from './queries.ts';

type Files = BodyOf<typeof publishReleaseRoute>['files'];

/**
 * Publishes files that are stored as a version, with a manifest signed by the vendor. The same version with the same files
 * is answered with what is published; with others it is a conflict, because a published version never changes.
 */
export async function publishRelease(
  context: VendorContext,
  release: { readonly product: string; readonly version: string; readonly files: Files },
): Promise<ReleaseText> {
  const { product, version, files } = release;
  await readProduct(context, product);
  await checkFiles(context, files);
  const publishedAt = context.clock.now();
  const manifest = await signManifest(context, release, publishedAt);
  const rows = files.map((file) => ({ ...file, bytes: BigInt(file.bytes), start: file.start ?? null }));
  return inTransaction(context.sql, async (tx) => {
    const inserted = await insertRelease(tx, { product, version, manifest, publishedAt }, rows);
    const published = inserted ?? (await findRelease(tx, product, version));
    if (published === undefined) {
      throw new Error(`The release ${product} ${version} was neither inserted nor found.`);
    }
    const text = await toReleaseText(tx, published);
    if (inserted === undefined && canonicalJson(text.files) !== canonicalJson(normalised(files))) {
      throw new ApiError(
        'conflict',
        `Version ${version} of "${product}" is published with other files, and a published version never changes. Publish a new version.`,
      );
    }
    return text;
  });
}

/** The newest release of a product. Throws `not-found` where there is none. */
export async function readLatest(context: VendorContext, product: string): Promise<ReleaseText> {
  await readProduct(context, product);
  const latest = await findLatestRelease(context.sql, product);
  if (latest === undefined) {
    throw new ApiError('not-found', `The product "${product}" has no release yet.`);
  }
  return toReleaseText(context.sql, latest);
}

async function checkFiles({ sql }: VendorContext, files: Files): Promise<void> {
  if (new Set(files.map(({ name }) => name)).size !== files.length) {
    throw new ApiError('bad-request', 'Two files of a release must not have the same name.');
  }
  const stored = await findStoredFiles(
    sql,
    files.map(({ sha256 }) => sha256),
  );
  for (const { name, sha256, bytes } of files) {
    const found = stored.get(sha256);
    if (found === undefined) {
      throw new ApiError('not-found', `The file "${name}" (${sha256}) was not uploaded yet.`);
    }
    if (found !== BigInt(bytes)) {
      throw new ApiError('bad-request', `The file "${name}" has ${found} bytes, not ${bytes}.`);
    }
  }
}

function signManifest(
  { identity }: VendorContext,
  { product, version, files }: { product: string; version: string; files: Files },
  publishedAt: Date,
): Promise<string> {
  const claims = {
    iss: identity.vendorId,
    product,
    version,
    files: normalised(files).map(({ start: _start, ...file }) => file),
    iat: Math.floor(publishedAt.getTime() / 1000),
  };
  return signToken(claims, { type: tokenTypes.releaseManifest, key: identity.key.privateKey });
}

async function toReleaseText(sql: SqlOrTransaction, release: ReleaseRow): Promise<ReleaseText> {
  const files = await listReleaseFiles(sql, release.number);
  return {
    product: release.product,
    version: release.version,
    files: normalised(
      files.map(({ start, bytes, ...file }) => ({
        ...file,
        bytes: Number(bytes),
        ...(start === null ? {} : { start }),
      })),
    ),
    publishedAt: release.publishedAt.toISOString(),
    manifest: release.manifest,
  };
}

function normalised(files: Files): Files {
  return files.map(({ name, role, sha256, bytes, start }) => ({
    name,
    role,
    sha256,
    bytes,
    ...(start === undefined ? {} : { start }),
  }));
}
