import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, realpath, rename, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { exportMark } from './export-html.ts';

/** The folder whose documents are edited, and the document to begin with. */
export interface DocumentFolder {
  readonly directory: string;
  /** Present when a file was named. */
  readonly first?: string;
  list(): Promise<string[]>;
  read(name: string): Promise<OpenedDocument>;
  /** Replaces a document whole. Throws a DocumentError `changed` when it is not the one that was read. */
  write(name: string, text: string, before: string | undefined): Promise<OpenedDocument>;
  /** Writes a file that did not exist or is the editor's own export. */
  export(name: string, html: string): Promise<string>;
}

export interface OpenedDocument {
  readonly name: string;
  readonly text: string;
  /** Digest of what lies on the disk, to notice that another program changed it. */
  readonly version: string;
}

export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly code: 'no-such-document' | 'bad-name' | 'changed' | 'too-large' | 'exists' | 'bad-request';

  constructor(code: DocumentError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Longer documents would make the live preview slow. */
const documentBytesMax = 8 * 1024 * 1024;

/** Opens a folder, or the folder of a file; a file that does not exist yet is a new document. */
export async function openFolder(path: string): Promise<DocumentFolder> {
  const full = resolve(path);
  const info = await stat(full).catch(ignoreMissing);
  const isFolder = info?.isDirectory() ?? extname(full) === '';
  const directory = isFolder ? full : dirname(full);
  await mkdir(directory, { recursive: true });
  return createFolder(await realpath(directory), isFolder ? undefined : checkedName(basename(full)));
}

function createFolder(directory: string, first: string | undefined): DocumentFolder {
  return {
    directory,
    ...(first === undefined ? {} : { first }),
    async list() {
      const entries = await readdir(directory, { withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile() && isDocument(entry.name))
        .map(({ name }) => name)
        .sort();
    },
    async read(name) {
      const file = join(directory, checkedName(name));
      const info = await stat(file).catch(ignoreMissing);
      if (info === undefined) throw new DocumentError('no-such-document', `There is no document "${name}".`);
      if (info.size > documentBytesMax)
        throw new DocumentError('too-large', `"${name}" is larger than 8 MiB.`);
      const text = await readFile(file, 'utf8');
      return { name, text, version: versionOf(text) };
    },
    async write(name, text, before) {
      const file = join(directory, checkedName(name));
      const present = await readFile(file, 'utf8').catch(ignoreMissing);
      if (present !== undefined && before === undefined)
        throw new DocumentError('exists', `"${name}" exists already.`);
      if (present !== undefined && versionOf(present) !== before) {
        throw new DocumentError('changed', `Another program changed "${name}" meanwhile.`);
      }
      await replaceFile(file, text);
      return { name, text, version: versionOf(text) };
    },
    async export(name, html) {
      const file = join(directory, `${checkedName(name).replace(/\.[^.]+$/, '')}.html`);
      const present = await readFile(file, 'utf8').catch(ignoreMissing);
      if (present !== undefined && !present.slice(0, 500).includes(exportMark)) {
        throw new DocumentError(
          'exists',
          `"${basename(file)}" is there and no export of this editor: move or rename it, then export again.`,
        );
      }
      await replaceFile(file, html);
      return file;
    },
  };
}

/** After a crash the old document is there, or the new one, never half of it. */
async function replaceFile(file: string, text: string): Promise<void> {
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  const mode = (await stat(file).catch(ignoreMissing))?.mode ?? 0o644;
  const handle = await open(draft, 'w', mode & 0o777);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

/** A document's name is a file's name and no path, so that a page cannot reach outside the folder. */
function checkedName(name: string): string {
  const isPlain =
    name !== '' &&
    name.length <= 200 &&
    basename(name) === name &&
    !name.startsWith('.') &&
    !/[\\/\0]/.test(name);
  if (!isPlain || !isDocument(name)) {
    throw new DocumentError('bad-name', 'A document is named like "notes.md", without a folder.');
  }
  return name;
}

function isDocument(name: string): boolean {
  return ['.md', '.markdown', '.txt'].includes(extname(name).toLowerCase());
}

function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
