import postgres from 'postgres';
import { sqlState } from './transaction.ts';

/** This program's hold on a shared PostgreSQL. */
export interface Keeper {
  createDatabase(name: string): Promise<void>;
  /** Gives up the hold. True when nobody else holds it, so that the caller must stop the server; then nobody new gets in. */
  letGo(): Promise<boolean>;
  /** Closes the connection. */
  close(): Promise<void>;
}

/**
 * Takes hold of a running PostgreSQL: a shared advisory lock on a connection of its own. PostgreSQL itself counts the
 * holders, and a killed program's connection, and so its hold, is gone at once: there is no count that could go stale.
 * Rejects when the server is being stopped by its last holder.
 */
export async function keep(url: string): Promise<Keeper> {
  let released = false;
  const open = () =>
    postgres(url, {
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      onnotice: () => {},
      connection: { application_name: 'taika keeper' },
      // After a crash PostgreSQL restarts by itself, without our lock. Take it again.
      onclose: () => {
        if (!released && held) {
          sql`select pg_advisory_lock_shared(${keeperLock})`.catch(() => {});
        }
      },
    });
  let held = false;
  const sql = open();
  try {
    await sql`select pg_advisory_lock_shared(${keeperLock})`;
    held = true;
  } catch (error) {
    released = true;
    await sql.end({ timeout: 0 });
    throw error;
  }
  return {
    async createDatabase(name) {
      const [found] = await sql`select 1 from pg_database where datname = ${name}`;
      if (found !== undefined) {
        return;
      }
      try {
        await sql`create database ${sql(name)}`;
      } catch (error) {
        // Somebody else made it at the same moment.
        if (!['42P04', '23505'].includes(sqlState(error) ?? '')) {
          throw error;
        }
      }
    },
    async letGo() {
      released = true;
      try {
        await sql`select pg_advisory_unlock_shared(${keeperLock})`;
        const [row] = await sql`select pg_try_advisory_lock(${keeperLock}) as alone`;
        return row?.alone === true;
      } catch {
        // The server is gone already, or is going.
        return true;
      }
    },
    async close() {
      released = true;
      await sql.end({ timeout: 1 });
    },
  };
}

const keeperLock = 7_410_001;
