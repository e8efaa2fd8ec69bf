import type { SqlOrTransaction, Transaction } from '@taika/database/connect';

/** Blobs that nobody touched since then, in the order of their names. */
export async function listOldBlobs(
  sql: SqlOrTransaction,
  {
    storedBefore,
    after,
    limit,
  }: { readonly storedBefore: Date; readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await sql<{ sha256: string }[]>`
    select sha256
    from blob
    where sha256 > ${after}
      and stored_at < ${storedBefore}
    order by sha256
    limit ${limit}
  `;
  return rows.map(({ sha256 }) => sha256);
}

/** Locks those of these blobs that are old still, in order, against everybody who would name them. */
export async function lockOldBlobs(
  tx: Transaction,
  { sha256s, storedBefore }: { readonly sha256s: readonly string[]; readonly storedBefore: Date },
): Promise<string[]> {
  const rows = await tx<{ sha256: string }[]>`
    select sha256
    from blob
    where sha256 = any(${sha256s as string[]}::text[])
      and stored_at < ${storedBefore}
    order by sha256
    for update
  `;
  return rows.map(({ sha256 }) => sha256);
}

/** Forgets those of these blobs as programs that no job whose data is kept names. Their rewritten forms are then named by nothing. */
export async function deletePrograms(tx: Transaction, sha256s: readonly string[]): Promise<void> {
  const named = await findNamedByJobs(tx, sha256s);
  const unnamed = sha256s.filter((sha256) => !named.has(sha256));
  await tx`
    delete from program_artefact
    where program_sha256 = any(${unnamed}::text[])
  `;
  await tx`
    delete from program
    where sha256 = any(${unnamed}::text[])
  `;
}

/** Those of these blobs that something names. */
export async function findReferenced(tx: Transaction, sha256s: readonly string[]): Promise<Set<string>> {
  const named = await findNamedByJobs(tx, sha256s);
  const rows = await tx<{ sha256: string }[]>`
    select sha256
    from unnest(${sha256s as string[]}::text[]) as wanted (sha256)
    where exists (select from program where program.sha256 = wanted.sha256)
       or exists (select from program_artefact where program_artefact.sha256 = wanted.sha256)
       or exists (select from job where job.result_sha256 = wanted.sha256)
       or exists (select from job_correction where job_correction.result_sha256 = wanted.sha256)
       or exists (
         select
         from result
         where result.blobs is not null
           and result.blobs @> jsonb_build_array(jsonb_build_object('sha256', wanted.sha256))
       )
  `;
  for (const { sha256 } of rows) {
    named.add(sha256);
  }
  return named;
}

/**
 * Those of these blobs whose names stand anywhere in what is kept of jobs. Any text that looks like a digest counts, so
 * that a new field of the job's specification cannot be forgotten here; a name too many only keeps a blob for longer.
 */
async function findNamedByJobs(tx: Transaction, sha256s: readonly string[]): Promise<Set<string>> {
  const rows = await tx<{ sha256: string }[]>`
    select distinct found.digest[1] as sha256
    from job
    cross join lateral regexp_matches(
      spec::text || coalesce(next_state::text, '') || coalesce(result_sha256, ''), '[0-9a-f]{64}', 'g'
    ) as found (digest)
    where data_deleted_at is null
      and found.digest[1] = any(${sha256s as string[]}::text[])
  `;
  return new Set(rows.map(({ sha256 }) => sha256));
}

/** Deletes blobs' rows and notes that their bytes are to be removed. */
export async function deleteBlobRows(tx: Transaction, sha256s: readonly string[]): Promise<void> {
  await tx`
    delete from blob_owner
    where sha256 = any(${sha256s as string[]}::text[])
  `;
  await tx`
    delete from blob
    where sha256 = any(${sha256s as string[]}::text[])
  `;
  await tx`
    insert into blob_removal (sha256)
    select unnest(${sha256s as string[]}::text[])
    on conflict (sha256) do nothing
  `;
}

/** Blobs whose bytes are to be removed. */
export async function listRemovals(sql: SqlOrTransaction): Promise<string[]> {
  const rows = await sql<{ sha256: string }[]>`
    select sha256
    from blob_removal
    order by sha256
  `;
  return rows.map(({ sha256 }) => sha256);
}

/**
 * Locks what is noted of a blob against everybody who stores the same bytes. `gone`: another replica is at it, or was;
 * `named`: the blob is there again, and its bytes stay.
 */
export async function lockRemoval(tx: Transaction, sha256: string): Promise<'gone' | 'named' | 'unnamed'> {
  const locked = await tx`
    select
    from blob_removal
    where sha256 = ${sha256}
    for update skip locked
  `;
  if (locked.length === 0) {
    return 'gone';
  }
  // A statement of its own: it sees whatever was committed before the lock was had.
  const named = await tx`
    select
    from blob
    where sha256 = ${sha256}
  `;
  return named.length > 0 ? 'named' : 'unnamed';
}

export async function deleteRemoval(tx: Transaction, sha256: string): Promise<void> {
  await tx`
    delete from blob_removal
    where sha256 = ${sha256}
  `;
}
