import type { Sql } from '@taika/database/connect';
import { MigrationError } from '@taika/database/migrate';
import { inTransaction } from '@taika/database/transaction';

/**
 * Gives a role what a server needs and no more: its own tables, and of the books only to add and to read. Run it as the owner
 * of the tables, after migrations, because new tables need it again. Throws MigrationError for a role that cannot be given it.
 */
export async function grantWriter(sql: Sql, role: string): Promise<void> {
  const [found] = await sql<{ isOwn: boolean; canAll: boolean }[]>`
    select rolname = current_user as is_own, rolsuper as can_all
    from pg_roles
    where rolname = ${role}`;
  if (found === undefined) {
    throw new MigrationError(
      `There is no role "${role}". Make it first, such as: create role ${role} login password '…'.`,
    );
  }
  if (found.isOwn || found.canAll) {
    throw new MigrationError(
      `"${role}" ${found.isOwn ? 'is who migrates' : 'is a superuser'}, so it may do everything anyhow. Name the role of the server.`,
    );
  }
  await inTransaction(sql, async (tx) => {
    await tx`select ledger.grant_writer(${role})`;
    await tx`grant usage on schema public to ${tx(role)}`;
    await tx`grant select, insert, update, delete on all tables in schema public to ${tx(role)}`;
    await tx`grant usage, select on all sequences in schema public to ${tx(role)}`;
    // Which migrations were applied is for their owner to write.
    await tx`revoke insert, update, delete on migration from ${tx(role)}`;
  });
}
