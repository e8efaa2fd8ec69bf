import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { CommandError } from '@taika/cli/command-error';
import { readMoney } from '@taika/cli/read-amounts';
import { isGenerated } from '@taika/job/generated-split';
import type { JobFileText } from '@taika/job/job-file';
import { parseJobFile } from '@taika/job/parse-job-file';
import { parseDuration, parseSize } from '@taika/job/quantity';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import { buildProgram } from '../program/build-program.ts';
import { type BlobSource, bytesSource, fileSource, openedSource } from './blob-source.ts';
import { findFiles, packFiles } from './pack-files.ts';
import type { PreparedJob } from './prepared-job.ts';
import { spool } from './spool.ts';

export interface PrepareOptions {
  /** Stands in for `input: -`; also used where the job file names no input but bytes are piped in. */
  readonly stdin?: Readable;
  /** Reads this file in place of the job file's `input`. */
  readonly input?: string;
}

/**
 * Reads a job file, builds its program and hashes its files. Throws `JobFileError` for the file's own faults,
 * `CommandError` for what it names, and the compiler's messages for a program that does not build.
 */
export async function prepareJob(jobFilePath: string, options: PrepareOptions = {}): Promise<PreparedJob> {
  const file = parseJobFile(await readFile(jobFilePath, 'utf8'), jobFilePath);
  const at = (path: string) => resolve(dirname(jobFilePath), path);
  const opened: BlobSource[] = [];
  const keep = (source: BlobSource) => {
    opened.push(source);
    return source;
  };
  const close = async () => {
    await Promise.all(opened.map((source) => source.close()));
  };
  try {
    const programs = new Map<string, BlobSource>();
    const build = async (path: string) => {
      const source = bytesSource(await buildProgram(at(path)));
      programs.set(source.sha256, source);
      return source;
    };
    const program = await build(file.program);
    const phases = await preparePhases(file, build);
    const found = await findInput(file, options, at);
    const input = found === undefined ? undefined : keep(found);
    const files = new Map<string, BlobSource>();
    for (const [name, path] of Object.entries(file.files ?? {}))
      files.set(name, keep(await fileSource(at(path))));
    const split = await prepareSplit(file.split, build);
    const merge = await prepareMerge(file.merge, build);
    const spec = { ...specOf(file, program, input, files), ...phases, split, merge };
    return { spec, program, programs, input, files, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a job file says of further stages and of rounds, its programs built. */
async function preparePhases(
  { laterStages, rounds }: JobFileText,
  build: (path: string) => Promise<BlobSource>,
): Promise<Pick<JobSpecText, 'laterStages' | 'rounds'>> {
  const stages: NonNullable<JobSpecText['laterStages']> = [];
  for (const { program, split, merge, ...stage } of laterStages ?? []) {
    const sha256 = (await build(program)).sha256;
    stages.push({
      ...stage,
      program: sha256,
      split: await prepareSplit(split, build),
      merge: await prepareMerge(merge, build),
    });
  }
  return {
    ...(stages.length === 0 ? {} : { laterStages: stages }),
    ...(rounds === undefined ? {} : { rounds: { ...rounds, next: (await build(rounds.next)).sha256 } }),
  };
}

/** A split as terminals and servers know it, its program built. */
async function prepareSplit(
  split: JobFileText['split'],
  build: (path: string) => Promise<BlobSource>,
): Promise<JobSpecText['split']> {
  return split.by === 'program' ? { ...split, program: (await build(split.program)).sha256 } : split;
}

/** The same of a merge. */
async function prepareMerge(
  merge: JobFileText['merge'],
  build: (path: string) => Promise<BlobSource>,
): Promise<JobSpecText['merge']> {
  return merge.by === 'program' ? { ...merge, program: (await build(merge.program)).sha256 } : merge;
}

async function findInput(
  file: JobFileText,
  options: PrepareOptions,
  at: (path: string) => string,
): Promise<BlobSource | undefined> {
  if (isGenerated(file.split)) {
    if (file.input !== undefined)
      throw misfit(
        `A split by ${file.split.by} makes its own input, and the job file names one.`,
        'Remove input, or split by lines, csv, ndjson, json, bytes or files.',
      );
    return undefined;
  }
  if (options.input !== undefined) return openInput(file, resolve(options.input));
  if (file.input !== undefined && file.input !== '-') return openInput(file, at(file.input));
  if (options.stdin === undefined) {
    throw misfit(
      'The job has no input.',
      'Name a file as input in the job file, pass --input FILE, or pipe bytes in with input: -.',
    );
  }
  return openedSource(await spool(options.stdin), 'standard input');
}

/** A file as it is; a directory or a pattern as an archive of its files. */
async function openInput(file: JobFileText, path: string): Promise<BlobSource> {
  const found = await findFiles(path);
  if (found === undefined) return fileSource(path);
  if (file.split.by !== 'files') {
    throw misfit(
      `The input ${path} is more than one file, and the job is split by ${file.split.by}.`,
      'Split it with split: { by: files }, or name one file as input.',
    );
  }
  if (found.names.length === 0) {
    throw misfit(`The input ${path} holds no file.`, 'Correct input in the job file.');
  }
  return openedSource(await spool(packFiles(found)), path);
}

function specOf(
  file: JobFileText,
  program: BlobSource,
  input: BlobSource | undefined,
  files: ReadonlyMap<string, BlobSource>,
): JobSpecText {
  const limits = limitsOf(file);
  return {
    name: file.name,
    program: program.sha256,
    split: file.split,
    merge: file.merge,
    privacy: file.privacy,
    ...(file.description === undefined ? {} : { description: file.description }),
    ...(input === undefined ? {} : { input: { sha256: input.sha256, bytes: input.bytes } }),
    ...(files.size === 0
      ? {}
      : {
          files: [...files].map(([name, source]) => ({ name, sha256: source.sha256, bytes: source.bytes })),
        }),
    ...(file.args === undefined ? {} : { args: file.args }),
    ...(file.env === undefined ? {} : { env: file.env }),
    ...(file.seed === undefined ? {} : { seed: String(file.seed) }),
    ...(file.trust === undefined ? {} : { trust: file.trust }),
    ...(file.copies === undefined ? {} : { copies: file.copies }),
    ...(file.artefact === undefined ? {} : { artefact: file.artefact }),
    ...(limits === undefined ? {} : { limits }),
    ...(file.maxPrice === undefined ? {} : { maxPrice: readMoney(file.maxPrice, 'maxPrice') }),
  };
}

function limitsOf(file: JobFileText): JobSpecText['limits'] {
  if (file.limits === undefined) return undefined;
  const { memory, output, time } = file.limits;
  const memoryBytes = memory === undefined ? undefined : parseSize(memory);
  const outputBytes = output === undefined ? undefined : parseSize(output);
  const timeMs = time === undefined ? undefined : parseDuration(time);
  return {
    ...(memoryBytes === undefined ? {} : { memoryMiB: Math.max(1, Math.ceil(memoryBytes / 1024 ** 2)) }),
    ...(outputBytes === undefined ? {} : { outputBytes }),
    ...(timeMs === undefined ? {} : { timeMs }),
  };
}

function misfit(message: string, remedy: string): CommandError {
  return new CommandError(message, { code: 'job-file', remedy });
}
