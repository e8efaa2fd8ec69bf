import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  link,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { platform } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Account, canEnter, findPostgresAccount } from './account.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';

/** A PostgreSQL data directory that is ready to be started. */
export interface Cluster {
  /** What the caller named. */
  readonly directory: string;
  /** PostgreSQL's own data directory, with symbolic links resolved. */
  readonly data: string;
  readonly logFile: string;
  readonly user: string;
  readonly password: string;
  readonly binaries: PostgresBinaries;
  /** The account to run as, when we are root. */
  readonly account: Account | undefined;
}

/** Opens the cluster in `directory`, making it first where there is none. Any number of programs may do so at once. */
export async function openCluster(directory: string): Promise<Cluster> {
  const account = await findPostgresAccount();
  const binaries = await findPostgresBinaries(account, join(systemDirectory, 'programs'));
  // Applies to every directory made on the way. As root, another account must pass through them.
  await mkdir(directory, { recursive: true, mode: account === undefined ? 0o700 : 0o711 });
  const home = await homeOf(resolve(directory), account);
  const password = await readOrMakePassword(join(home, 'password'));
  const cluster = {
    directory,
    user: 'taika',
    password,
    binaries,
    account,
    logFile: join(home, 'postgres.log'),
  };
  const data = join(home, 'data');
  if (!(await isInitialised(data))) {
    await initialise({ ...cluster, data }, home);
  }
  return { ...cluster, data: await realpath(data) };
}

/** Where things go that another account must reach while the clone lies in a place that only root may enter. */
const systemDirectory = '/var/lib/taika';

/**
 * The place of the files: `directory` itself. As root it must be one that PostgreSQL's account can pass through; where
 * that is not so (below /root), the files go to a system directory and a note in `directory` says where.
 */
async function homeOf(directory: string, account: Account | undefined): Promise<string> {
  if (account === undefined) {
    return directory;
  }
  const noteFile = join(directory, 'LOCATION');
  const note = await readFile(noteFile, 'utf8').catch(() => undefined);
  // Passing through is enough: the account may not list the directory or read the password in it.
  await chmod(directory, 0o711);
  if (note === undefined && (await canEnter(account, directory))) {
    return directory;
  }
  const home = note?.trim() ?? join(systemDirectory, 'clusters', randomBytes(8).toString('hex'));
  await mkdir(home, { recursive: true, mode: 0o711 });
  if (note === undefined) {
    return (await placeOnce(noteFile, `${home}\n`)).trim();
  }
  return home;
}

async function readOrMakePassword(path: string): Promise<string> {
  const found = await readFile(path, 'utf8').catch(() => undefined);
  return (found ?? (await placeOnce(path, `${randomBytes(24).toString('hex')}\n`))).trim();
}

/** Writes a file unless somebody did so first; gives its content. A link appears whole or not at all. */
async function placeOnce(path: string, content: string): Promise<string> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw error;
    }
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(path, 'utf8');
}

/** `PG_VERSION` is in every cluster. One of another major version must not be touched. */
async function isInitialised(data: string): Promise<boolean> {
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  });
  if (version !== undefined && version.trim() !== majorVersion) {
    throw new Error(
      `The data in ${data} is of PostgreSQL ${version.trim()}, this is version ${majorVersion}. ` +
        'Move the data with pg_dump of the old version, or start with another directory.',
    );
  }
  return version !== undefined;
}

const majorVersion = '18';

/** Makes the cluster beside its place and moves it there whole, so that neither a crash nor a second starter leaves half a cluster. */
async function initialise(cluster: Cluster, home: string): Promise<void> {
  await removeAbandonedDrafts(home);
  const draft = join(home, `${draftPrefix}${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(draft, { mode: 0o700 });
  if (cluster.account !== undefined) {
    await chown(draft, cluster.account.uid, cluster.account.gid);
  }
  try {
    await runInitdb(cluster, draft);
    await rename(draft, cluster.data);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await isInitialised(cluster.data))) {
      throw error;
    }
  }
}

const draftPrefix = 'data.new-';

async function removeAbandonedDrafts(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const path = join(home, name);
    if (name.startsWith(draftPrefix) && Date.now() - (await stat(path)).mtimeMs > 10 * 60_000) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

async function runInitdb(cluster: Omit<Cluster, 'data'>, draft: string): Promise<void> {
  const { binaries, account, user, password } = cluster;
  // Node's pipes are sockets, which initdb cannot open as /dev/stdin, so the password goes through a file.
  const passwordFile = `${draft}.password`;
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  // The locale is PostgreSQL's own, so that text sorts alike on every machine whatever is installed there.
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const access = [`--username=${user}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  try {
    if (account !== undefined) {
      await chown(passwordFile, account.uid, account.gid);
    }
    await promisify(execFile)(binaries.initdb, ['-D', draft, ...locale, ...access, '--data-checksums'], {
      cwd: '/',
      env: postgresEnvironment,
      ...identity(account),
    });
  } catch (error) {
    throw new Error("PostgreSQL's data directory could not be made: initdb failed.", { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Nothing of our environment: a PGDATA or PGPORT of the user's own database must not reach this one. */
export const postgresEnvironment: NodeJS.ProcessEnv =
  platform() === 'win32'
    ? { ...process.env, LC_ALL: 'C' }
    : { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** The uid and gid to spawn with. */
export function identity(account: Account | undefined): { uid?: number; gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}
