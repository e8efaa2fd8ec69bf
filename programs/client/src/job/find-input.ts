import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { countText } from '@taika/cli/amounts';
import { CommandError } from '@taika/cli/command-error';
import { findInputRefusal } from '@taika/job/find-job-refusal';
import { isGenerated } from '@taika/job/generated-split';
import type { JobFileText } from '@taika/job/job-file';
import { refuseOverwrite } from '../program/refuse-overwrite.ts';
import { type BlobSource, fileSource, openedSource } from './blob-source.ts';
import { checkFiles } from './check-files.ts';
import { findFiles } from './find-files.ts';
import { packFiles } from './pack-files.ts';
import { spool } from './spool.ts';

export interface InputOptions {
  /** Stands in for `input: -`; also used where the job file names no input but bytes are piped in. */
  readonly stdin?: Readable;
  /** Reads this file in place of the job file's `input`. */
  readonly input?: string;
  /** Told what was found where that might surprise: files in a folder, and those left out. */
  readonly onNote?: (note: string) => void;
}

/** Where a job's input is; nothing of it was read. */
export type InputPlace =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'path';
      readonly path: string;
      /** From where it was named: what the folders up to here are called is no pattern. */
      readonly from: string;
    }
  | { readonly kind: 'piped'; readonly stream: Readable };

/** Finds out where the input of a job file in `folder` is to be read. Throws `CommandError` where the split wants one and there is none, or the other way about. */
export function chooseInput(
  { split, input }: Pick<JobFileText, 'split' | 'input'>,
  options: InputOptions,
  folder: string,
): InputPlace {
  const isNamed = (options.input ?? input) !== undefined;
  const place = isGenerated(split) ? ({ kind: 'none' } as const) : placeOf(input, options, folder);
  const hasOne = isGenerated(split) ? isNamed : place.kind !== 'none';
  const refusal = findInputRefusal({ split, input: hasOne ? { bytes: 0 } : undefined });
  if (refusal === undefined) return place;
  throw misfit(
    refusal.sentence,
    isGenerated(split)
      ? 'Remove input, or split by lines, csv, ndjson, json, bytes or files.'
      : 'Name a file as input in the job file, pass --input FILE, or pipe bytes in with input: -.',
  );
}

function placeOf(named: string | undefined, options: InputOptions, folder: string): InputPlace {
  if (options.input !== undefined && options.input !== '-') {
    return { kind: 'path', path: resolve(options.input), from: process.cwd() };
  }
  if (options.input === undefined && named !== undefined && named !== '-') {
    return { kind: 'path', path: resolve(folder, named), from: folder };
  }
  return options.stdin === undefined ? { kind: 'none' } : { kind: 'piped', stream: options.stdin };
}

/**
 * The input with its digest: a file as it is, a directory or a pattern as an archive of its files, a pipe to its end. Throws
 * `CommandError` where one of those files is the `output` that is going to be written.
 */
export async function openInput(
  file: JobFileText,
  place: InputPlace,
  onNote: (note: string) => void,
  output?: string,
): Promise<BlobSource | undefined> {
  switch (place.kind) {
    case 'none':
      return undefined;
    case 'path':
      return openPath(file, place, onNote, output);
    case 'piped':
      return openedSource(await spool(place.stream), 'standard input');
  }
}

async function openPath(
  file: JobFileText,
  { path, from }: Extract<InputPlace, { kind: 'path' }>,
  onNote: (note: string) => void,
  output: string | undefined,
): Promise<BlobSource> {
  const found = await findFiles(path, from);
  if (found === undefined) return fileSource(path);
  if (file.split.by !== 'files') {
    throw misfit(
      `The input ${path} is more than one file, and the job is split by ${file.split.by}.`,
      'Split it with split: { by: files }, or name one file as input.',
    );
  }
  const { names, hidden } = found;
  if (names.length === 0) {
    const but = hidden === 0 ? '' : ` but ${hiddenText(hidden)}`;
    throw misfit(`The input ${path} holds no file${but}.`, 'Correct input in the job file.');
  }
  await checkFiles(file, found);
  if (output !== undefined) {
    const paths = names.map((name) => join(found.folder, name));
    await refuseOverwrite(paths, output);
  }
  const leftOut =
    hidden === 0 ? '' : `; ${hiddenText(hidden)} left out (a pattern such as data/.* names them)`;
  onNote(`${path}: ${countText(names.length, 'file')}${leftOut}.`);
  return openedSource(await spool(packFiles(found)), path);
}

function hiddenText(count: number): string {
  return countText(count, 'hidden file');
}

function misfit(message: string, remedy: string): CommandError {
  return new CommandError(message, { code: 'job-file', remedy });
}
