import type { PublicJwk } from '@taika/crypto/keys';
import type { Sql } from '@taika/database/connect';

/** Remembers a signature until then; false when it was seen before, by whichever replica. */
export async function useSignedRequest(
  sql: Sql,
  { id, until }: { readonly id: string; readonly until: Date },
): Promise<boolean> {
  const rows = await sql`
    insert into used_request (id, expires_at)
    values (${id}, ${until})
    on conflict (id) do nothing
    returning id
  `;
  return rows.length === 1;
}

/** Forgets signatures that are too old to be accepted anyway, and sessions that are over. */
export async function deleteExpired(sql: Sql, now: Date): Promise<void> {
  await sql`
    delete from used_request
    where expires_at < ${now}
  `;
  await sql`
    delete from service_session
    where expires_at < ${now}
  `;
}

/** The terminal that a signature names, with its member. */
export async function findSigner(
  sql: Sql,
  thumbprint: string,
): Promise<{ memberId: string; publicKey: PublicJwk } | undefined> {
  const [row] = await sql<{ memberId: string; publicKey: PublicJwk }[]>`
    select member_id, public_key
    from terminal
    where thumbprint = ${thumbprint}
  `;
  return row;
}

/** The service key with this hash. */
export async function findServiceKey(
  sql: Sql,
  hash: string,
): Promise<{ id: string; product: string } | undefined> {
  const [row] = await sql<{ id: string; product: string }[]>`
    select id, product
    from service_key
    where hash = ${hash}
  `;
  return row;
}
