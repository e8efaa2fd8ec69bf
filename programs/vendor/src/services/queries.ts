import type { Sql } from '@taika/database/connect';

/** A signed-in member of a service. */
export interface SessionRow {
  readonly product: string;
  readonly memberId: string;
  readonly memberName: string | null;
  readonly licenseState: string;
  readonly expiresAt: Date;
}

export async function insertServiceKey(
  sql: Sql,
  row: { readonly hash: string; readonly id: string; readonly product: string; readonly now: Date },
): Promise<void> {
  await sql`
    insert into service_key (hash, id, product, created_at)
    values (${row.hash}, ${row.id}, ${row.product}, ${row.now})
  `;
}

export async function insertSession(
  sql: Sql,
  row: {
    readonly hash: string;
    readonly product: string;
    readonly memberId: string;
    readonly licenseId: string;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await sql`
    insert into service_session (hash, product, member_id, license_id, expires_at)
    values (${row.hash}, ${row.product}, ${row.memberId}, ${row.licenseId}, ${row.expiresAt})
  `;
}

/** A session by the hash of its token. */
export async function findSession(sql: Sql, hash: string): Promise<SessionRow | undefined> {
  const [row] = await sql<SessionRow[]>`
    select s.product, s.member_id, m.name as member_name, l.state as license_state, s.expires_at
    from service_session s
    join member m on m.id = s.member_id
    join license l on l.id = s.license_id
    where s.hash = ${hash}
  `;
  return row;
}

/** A member's name, unless it was forgotten. */
export async function findMemberName(sql: Sql, memberId: string): Promise<string | undefined> {
  const [row] = await sql<{ name: string | null }[]>`
    select name
    from member
    where id = ${memberId}
  `;
  return row?.name ?? undefined;
}
