import type { Dirent } from 'node:fs';
import { glob, lstat, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, parse, relative, sep } from 'node:path';
import { CommandError } from '@taika/cli/command-error';

/** Files for an archive, with the names that they have in it. */
export interface FoundFiles {
  readonly folder: string;
  /** Relative to the folder, with slashes, in the order of their UTF-8 bytes: the same on every machine. */
  readonly names: readonly string[];
  /** Files left out because their name, or that of a folder above them, begins with a dot. */
  readonly hidden: number;
}

/**
 * All files below a folder, or those that a pattern such as `data/*.txt` names; undefined for the path of one file. Hidden ones
 * are left out unless the pattern itself says a dot at a name's beginning: `data` must not send a `.env` to strangers. A link is
 * followed to a file below the same folder; any other is refused, because what it leads to was not named. Nor is what a folder
 * is called a pattern: of `/home/me/run [1]/data/*.txt`, named in `from` = `/home/me/run [1]`, only `*.txt` is one.
 */
export async function findFiles(path: string, from: string): Promise<FoundFiles | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    return select(path, await readFolder(path), false);
  }
  if (found !== undefined) return undefined;
  const { folder, pattern } = await readPattern(path, from);
  if (!magic.test(pattern)) return undefined;
  const entries: Dirent[] = [];
  for await (const entry of glob(pattern, { cwd: folder, withFileTypes: true })) entries.push(entry);
  return select(folder, entries, /(^|[/{,])\./.test(pattern));
}

const magic = /[*?[{]/;

/** Parts a path where its pattern begins: at the first name with such a character that is not simply there. */
async function readPattern(
  path: string,
  from: string,
): Promise<{ readonly folder: string; readonly pattern: string }> {
  const way = relative(from, path);
  // On another drive there is no way from the one to the other.
  let folder = isAbsolute(way) ? parse(path).root : from;
  const names = relative(folder, path).split(sep);
  for (;;) {
    const [name = '', ...rest] = names;
    const next = join(folder, name);
    if (rest.length === 0 || (magic.test(name) && !(await isFolder(next)))) break;
    folder = next;
    names.shift();
  }
  return { folder, pattern: names.join('/') };
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function select(folder: string, entries: readonly Dirent[], takesHidden: boolean): Promise<FoundFiles> {
  const names: string[] = [];
  let hidden = 0;
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    if (!takesHidden && name.split('/').some((part) => part.startsWith('.'))) {
      hidden += 1;
      continue;
    }
    if (name.includes(replacement)) await checkName(path);
    if (!entry.isFile()) await checkOther(folder, path, entry);
    names.push(name);
  }
  names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return { folder, names, hidden };
}

async function readFolder(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { recursive: true, withFileTypes: true });
  } catch (error) {
    const { path: at } = error as NodeJS.ErrnoException;
    if (at?.includes(replacement) === true) await checkName(at);
    throw error;
  }
}

/** What stands in a name for bytes that are no UTF-8. */
const replacement = '\ufffd';

/** Throws `CommandError` for a name whose bytes are no text: it is found, but not under the name that it is found by. */
async function checkName(path: string): Promise<void> {
  if ((await lstat(path).catch(() => undefined)) !== undefined) return;
  throw new CommandError(`The name of ${path} is not UTF-8.`, {
    code: 'job-file',
    remedy: 'Rename it: a name must be the same text on every machine.',
  });
}

/** Throws `CommandError` for whatever is neither a file nor a link to one below the folder. */
async function checkOther(folder: string, path: string, entry: Dirent): Promise<void> {
  if (!entry.isSymbolicLink()) {
    throw refused(`${path} is neither a file nor a folder.`);
  }
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined) throw refused(`${path} is a link that leads nowhere.`);
  const inside = relative(await realpath(folder), target);
  if (inside === '..' || inside.startsWith(`..${sep}`)) {
    throw refused(`${path} is a link to ${target}, outside of ${folder}.`);
  }
  if (!(await stat(target)).isFile()) throw refused(`${path} is a link to a folder.`);
}

function refused(message: string): CommandError {
  return new CommandError(message, {
    code: 'job-file',
    remedy: 'Put what the job shall read there as a file, or name the files by a pattern such as data/*.txt.',
  });
}
