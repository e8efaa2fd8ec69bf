import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';

/** The operating system's account that PostgreSQL runs as. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root. Gives the account to use instead (made when there is none), or undefined for an ordinary user, who needs none. */
export async function findPostgresAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  return (await readAccount(accountName)) ?? createAccount();
}

/** Whether `account` may pass through every directory down to `path`, which must exist. Groups beyond its own are not considered. */
export async function canEnter(account: Account, path: string): Promise<boolean> {
  for (let current = resolve(path); ; current = dirname(current)) {
    const { mode, uid, gid } = await stat(current);
    const executeBit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & executeBit) === 0) {
      return false;
    }
    if (current === dirname(current)) {
      return true;
    }
  }
}

const accountName = 'postgres';
const run = promisify(execFile);

async function readAccount(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function createAccount(): Promise<Account> {
  try {
    await createWithWhateverIsThere();
  } catch (error) {
    const account = await readAccount(accountName);
    if (account === undefined) {
      throw new Error(
        `PostgreSQL does not run as root, and the account "${accountName}" could not be made for it. ` +
          'Start as an ordinary user, or name a database of your own with --database-url.',
        { cause: error },
      );
    }
    return account;
  }
  const account = await readAccount(accountName);
  if (account === undefined) {
    throw new Error(`The account "${accountName}" was made but cannot be found.`);
  }
  return account;
}

/** Debian and Red Hat have useradd, Alpine has BusyBox's adduser. */
async function createWithWhateverIsThere(): Promise<void> {
  try {
    await run('useradd', [
      '--system',
      '--user-group',
      '--no-create-home',
      '--shell',
      '/bin/false',
      accountName,
    ]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw error;
    }
    await run('adduser', ['-S', '-D', '-H', accountName]);
  }
}
