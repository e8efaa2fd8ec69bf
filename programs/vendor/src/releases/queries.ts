import type { Sql, SqlOrTransaction, Transaction } from '@taika/database/connect';

/** A file that a release names. */
export interface ReleaseFileRow {
  readonly name: string;
  readonly role: 'application' | 'agent';
  readonly sha256: string;
  readonly bytes: bigint;
  readonly start: string | null;
}

/** A published release. */
export interface ReleaseRow {
  readonly number: bigint;
  readonly product: string;
  readonly version: string;
  readonly manifest: string;
  readonly publishedAt: Date;
}

/** Says that the bytes with this digest are whole. */
export async function insertStoredFile(
  sql: Sql,
  file: { readonly sha256: string; readonly bytes: number; readonly now: Date },
): Promise<void> {
  await sql`
    insert into stored_file (sha256, bytes, stored_at)
    values (${file.sha256}, ${BigInt(file.bytes)}, ${file.now})
    on conflict (sha256) do nothing
  `;
}

/** Which of these digests are stored, with their lengths. */
export async function findStoredFiles(
  sql: SqlOrTransaction,
  sha256s: readonly string[],
): Promise<ReadonlyMap<string, bigint>> {
  const rows = await sql<{ sha256: string; bytes: bigint }[]>`
    select sha256, bytes
    from stored_file
    where sha256 = any (${[...sha256s]})
  `;
  return new Map(rows.map(({ sha256, bytes }) => [sha256, bytes]));
}

/** The name under which a published file is offered; undefined when no release has it. */
export async function findPublishedFile(
  sql: Sql,
  sha256: string,
): Promise<{ readonly name: string; readonly bytes: bigint } | undefined> {
  const [row] = await sql<{ name: string; bytes: bigint }[]>`
    select name, bytes
    from release_file
    where sha256 = ${sha256}
    order by release_number desc
    limit 1
  `;
  return row;
}

/** Publishes; undefined when this version is published already. */
export async function insertRelease(
  tx: Transaction,
  release: Omit<ReleaseRow, 'number'>,
  files: readonly ReleaseFileRow[],
): Promise<ReleaseRow | undefined> {
  const [row] = await tx<ReleaseRow[]>`
    insert into release (product, version, manifest, published_at)
    values (${release.product}, ${release.version}, ${release.manifest}, ${release.publishedAt})
    on conflict (product, version) do nothing
    returning number, product, version, manifest, published_at
  `;
  for (const [line, file] of row === undefined ? [] : files.entries()) {
    await tx`
      insert into release_file (release_number, line, name, role, sha256, bytes, start)
      values (${row?.number ?? 0n}, ${line}, ${file.name}, ${file.role}, ${file.sha256}, ${file.bytes}, ${file.start})
    `;
  }
  return row;
}

/** One version of a product. */
export async function findRelease(
  sql: SqlOrTransaction,
  product: string,
  version: string,
): Promise<ReleaseRow | undefined> {
  const [row] = await sql<ReleaseRow[]>`
    select number, product, version, manifest, published_at
    from release
    where product = ${product}
      and version = ${version}
  `;
  return row;
}

/** The release that was published last. */
export async function findLatestRelease(sql: Sql, product: string): Promise<ReleaseRow | undefined> {
  const [row] = await sql<ReleaseRow[]>`
    select number, product, version, manifest, published_at
    from release
    where product = ${product}
    order by number desc
    limit 1
  `;
  return row;
}

/** The files of a release in the order in which they were published. */
export async function listReleaseFiles(
  sql: SqlOrTransaction,
  releaseNumber: bigint,
): Promise<readonly ReleaseFileRow[]> {
  return await sql<ReleaseFileRow[]>`
    select name, role, sha256, bytes, start
    from release_file
    where release_number = ${releaseNumber}
    order by line
  `;
}
