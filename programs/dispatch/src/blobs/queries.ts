import type { SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { StoredBlob } from './blobs.ts';

/** Who uploaded a blob, and so may use it. */
export type BlobOwner =
  | { readonly kind: 'customer'; readonly customerNumber: bigint }
  | { readonly kind: 'terminal'; readonly terminalNumber: bigint };

/** Records a blob that is in the store, and that this party may use it. One that is known becomes young again: the collector leaves it alone. */
export async function insertBlob(
  sql: SqlOrTransaction,
  { sha256, bytes }: StoredBlob,
  owner: BlobOwner | undefined,
  now: Date,
): Promise<void> {
  await sql`
    insert into blob (sha256, bytes, stored_at)
    values (${sha256}, ${bytes}, ${now})
    on conflict (sha256) do update
    set stored_at = excluded.stored_at
  `;
  if (owner !== undefined) {
    await sql`
      insert into blob_owner (sha256, customer_number, terminal_number)
      values (${sha256}, ${owner.kind === 'customer' ? owner.customerNumber : null},
              ${owner.kind === 'terminal' ? owner.terminalNumber : null})
      on conflict on constraint blob_owner_once do nothing
    `;
  }
}

/** Keeps the collector from removing the bytes of a blob that is recorded again; waits where it is removing them just now. */
export async function cancelRemoval(tx: Transaction, sha256: string): Promise<void> {
  await tx`
    delete from blob_removal
    where sha256 = ${sha256}
  `;
}

/** Those of these blobs that this party may use, with their sizes. */
export async function findOwnedBlobs(
  sql: SqlOrTransaction,
  digests: readonly string[],
  owner: BlobOwner,
): Promise<Map<string, number>> {
  const rows = await sql<{ sha256: string; bytes: bigint }[]>`
    select blob.sha256, blob.bytes
    from blob
    join blob_owner using (sha256)
    where blob.sha256 = any(${digests as string[]}::text[])
      and ${owner.kind === 'customer' ? sql`customer_number = ${owner.customerNumber}` : sql`terminal_number = ${owner.terminalNumber}`}
  `;
  return new Map(rows.map(({ sha256, bytes }) => [sha256, Number(bytes)]));
}

/** Makes a blob of this customer young again and gives its size: whoever asks for it is about to name it. Undefined when the customer did not upload it. */
export async function touchOwnedBlob(
  sql: SqlOrTransaction,
  {
    sha256,
    customerNumber,
    now,
  }: { readonly sha256: string; readonly customerNumber: bigint; readonly now: Date },
): Promise<number | undefined> {
  const [row] = await sql<{ bytes: bigint }[]>`
    update blob
    set stored_at = greatest(stored_at, ${now})
    where sha256 = ${sha256}
      and exists (
        select
        from blob_owner
        where blob_owner.sha256 = blob.sha256
          and customer_number = ${customerNumber}
      )
    returning bytes
  `;
  return row && Number(row.bytes);
}

/** Locks blobs against the collector until the transaction ends; false when one of them is gone. */
export async function lockBlobs(tx: SqlOrTransaction, digests: readonly string[]): Promise<boolean> {
  const wanted = [...new Set(digests)];
  const rows = await tx`
    select sha256
    from blob
    where sha256 = any(${wanted}::text[])
    order by sha256
    for key share
  `;
  return rows.length === wanted.length;
}
