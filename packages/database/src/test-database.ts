import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256HexSync } from '@taika/crypto/node-digest';
import { connect, type Sql } from './connect.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
import { type MigrationSource, migrate, readMigrations } from './migrate.ts';
import { sqlState } from './transaction.ts';

/** A database of one test, dropped when it is disposed. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  readonly sql: Sql;
}

/** What a test database holds. */
export interface TestDatabaseOptions {
  /** Applied in this order. Default: none, an empty database. */
  readonly migrations?: readonly MigrationSource[];
}

/**
 * Makes a database for one test, a copy of a template that has these migrations; about 50 ms once the template exists.
 *
 * All test processes of a machine's user share one embedded cluster below the temporary directory. Whoever comes first
 * starts it, together with a janitor process (test-cluster-janitor.ts) that stops it when nobody has used it for a while.
 * It runs with fsync off, which the product never does: tests of durability start a cluster of their own.
 * With TAIKA_TEST_DATABASE_URL set, that server is used instead; its user must be allowed to create databases.
 */
export async function createTestDatabase({
  migrations = [],
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = await openTestServer();
  const admin = connect(server.url('postgres'), { max: 1, applicationName: 'taika test' });
  try {
    const template = await ensureTemplate(server, admin, migrations);
    const name = `test_${Date.now().toString(36)}_${randomBytes(6).toString('hex')}`;
    await createFromTemplate(admin, name, template);
    const sql = connect(server.url(name), { applicationName: 'taika test' });
    return {
      url: server.url(name),
      sql,
      async [Symbol.asyncDispose]() {
        await sql.end({ timeout: 5 });
        // Servers that a test left running must not keep their database alive.
        await admin`drop database if exists ${admin(name)} with (force)`;
        await admin.end({ timeout: 5 });
        await server.close();
      },
    };
  } catch (error) {
    await admin.end({ timeout: 1 });
    await server.close();
    throw error;
  }
}

interface TestServer {
  url(database: string): string;
  close(): Promise<void>;
}

async function openTestServer(): Promise<TestServer> {
  const given = process.env.TAIKA_TEST_DATABASE_URL;
  if (given !== undefined && given !== '') {
    return { url: (database) => withDatabase(given, database), close: async () => {} };
  }
  const embedded = await startTestCluster();
  if (!embedded.adopted) {
    startJanitor();
  }
  return { url: embedded.url, close: embedded.stop };
}

/** Starts or joins the cluster that all tests of this user share. */
export async function startTestCluster(): Promise<EmbeddedPostgres> {
  const account = process.getuid?.() ?? process.env.USERNAME ?? 'user';
  return startEmbeddedPostgres({
    directory: join(await roomyMemory(`taika-test-${account}`), 'postgres-18'),
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      shared_buffers: '128MB',
      max_wal_size: '256MB',
    },
  });
}

/**
 * A directory in memory where Linux offers one with room, else in the temporary directory. A copy of a template is 300
 * small files: 12 ms in memory, 300 to 1000 ms on a busy disk.
 */
async function roomyMemory(name: string): Promise<string> {
  const inMemory = join('/dev/shm', name);
  try {
    const { bavail, bsize } = await statfs('/dev/shm');
    // Once chosen it stays, so that all processes of a run agree while the room shrinks.
    const wasChosen = await access(inMemory).then(
      () => true,
      () => false,
    );
    if (wasChosen || bavail * bsize > memoryBytesMin) {
      return inMemory;
    }
  } catch {
    // No such file system here.
  }
  return join(tmpdir(), name);
}

/** Containers often have 64 MB there; some dozens of test databases of 8 MB and their WAL need more. */
const memoryBytesMin = 2 * 1024 ** 3;

function startJanitor(): void {
  const path = fileURLToPath(new URL('./test-cluster-janitor.ts', import.meta.url));
  const { NODE_TEST_CONTEXT: _reporter, ...env } = process.env;
  spawn(process.execPath, [path], { detached: true, stdio: 'ignore', env }).unref();
}

/** The name of a database with these migrations, made when it does not exist. The name holds their hash, so an edited migration gives a new one. */
async function ensureTemplate(
  server: TestServer,
  admin: Sql,
  sources: readonly MigrationSource[],
): Promise<string | undefined> {
  if (sources.length === 0) {
    return undefined;
  }
  const contents = await Promise.all(
    sources.map(async (source) => [
      source.component,
      ...(await readMigrations(source)).map(({ sha256 }) => sha256),
    ]),
  );
  const template = `template_${sha256HexSync(JSON.stringify(contents)).slice(0, 24)}`;
  if (await exists(admin, template)) {
    return template;
  }
  await admin`select pg_advisory_lock(hashtext(${template}))`;
  try {
    if (!(await exists(admin, template))) {
      await makeTemplate(server, admin, template, sources);
    }
  } finally {
    await admin`select pg_advisory_unlock(hashtext(${template}))`;
  }
  return template;
}

/** Made under another name and renamed when complete, so that a killed test leaves no half template. */
async function makeTemplate(
  server: TestServer,
  admin: Sql,
  template: string,
  sources: readonly MigrationSource[],
): Promise<void> {
  const draft = `${template}_draft`;
  await admin`drop database if exists ${admin(draft)} with (force)`;
  await admin`create database ${admin(draft)}`;
  const sql = connect(server.url(draft), { max: 1, applicationName: 'taika test template' });
  try {
    for (const source of sources) {
      await migrate(sql, source);
    }
    await sql.unsafe('vacuum analyze');
  } finally {
    await sql.end({ timeout: 5 });
  }
  await admin`alter database ${admin(draft)} rename to ${admin(template)}`;
}

async function createFromTemplate(admin: Sql, name: string, template: string | undefined): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await (template === undefined
        ? admin`create database ${admin(name)} strategy file_copy`
        : admin`create database ${admin(name)} template ${admin(template)} strategy file_copy`);
      return;
    } catch (error) {
      // 55006: the backend that made the template, or an autovacuum worker, is still leaving it.
      if (sqlState(error) !== '55006' || attempt === 50) {
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function exists(admin: Sql, name: string): Promise<boolean> {
  const rows = await admin`select 1 from pg_database where datname = ${name}`;
  return rows.length > 0;
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  return changed.href;
}
