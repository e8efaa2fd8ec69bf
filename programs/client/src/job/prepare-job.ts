import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { assertComputable } from '@taika/job/find-job-refusal';
import type { JobFileText } from '@taika/job/job-file';
import { parseJobFile } from '@taika/job/parse-job-file';
import { plainSpecOf } from '@taika/job/spec-of-file';
import { unitLimitsOf } from '@taika/job/unit-limits';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import { checkProgram } from '@taika/wasm/check-program';
import { buildProgram } from '../program/build-program.ts';
import { refuseOverwrite } from '../program/refuse-overwrite.ts';
import { type BlobSource, bytesSource, fileSource } from './blob-source.ts';
import { chooseInput, type InputOptions, openInput } from './find-input.ts';
import type { PreparedJob } from './prepared-job.ts';

export interface PrepareOptions extends InputOptions {
  /** Where the result is going to be written: none of the files that the job is made of. */
  readonly output?: string | undefined;
}

/**
 * Reads a job file, builds its program and hashes its files. Throws `JobFileError` for the file's own faults,
 * `CommandError` for what it names, and the compiler's messages for a program that does not build.
 */
export async function prepareJob(jobFilePath: string, options: PrepareOptions = {}): Promise<PreparedJob> {
  const file = parseJobFile(await readFile(jobFilePath, 'utf8'), jobFilePath);
  const folder = resolve(dirname(jobFilePath));
  const at = (path: string) => resolve(folder, path);
  const opened: BlobSource[] = [];
  const keep = (source: BlobSource) => {
    opened.push(source);
    return source;
  };
  const close = async () => {
    await Promise.all(opened.map((source) => source.close()));
  };
  try {
    const where = chooseInput(file, options, folder);
    const output = options.output === '-' ? undefined : options.output;
    if (output !== undefined) {
      const input = where.kind === 'path' ? [where.path] : [];
      await refuseOverwrite([jobFilePath, ...namedPaths(file).map(at), ...input], output);
    }
    const memoryPagesMax = unitLimitsOf(plainSpecOf(file)).memoryPagesMax;
    const programs = new Map<string, BlobSource>();
    const build = async (path: string) => {
      const source = bytesSource(await buildProgram(at(path)));
      // Before the input is read, which may take minutes, and long before it is sent.
      if (!programs.has(source.sha256)) checkProgram(await source.read(0, source.bytes), memoryPagesMax);
      programs.set(source.sha256, source);
      return source;
    };
    const program = await build(file.program);
    const phases = await preparePhases(file, build);
    const split = await prepareSplit(file.split, build);
    const merge = await prepareMerge(file.merge, build);
    const found = await openInput(file, where, options.onNote ?? (() => {}), output);
    const input = found === undefined ? undefined : keep(found);
    const files = new Map<string, BlobSource>();
    for (const [name, path] of Object.entries(file.files ?? {}))
      files.set(name, keep(await fileSource(at(path))));
    const spec = { ...specOf(file, program, input, files), ...phases, split, merge };
    assertComputable(spec);
    return { spec, program, programs, input, files, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Programs and files, as the job file names them. */
function namedPaths(file: JobFileText): string[] {
  const stages = [file, ...(file.laterStages ?? [])];
  return [
    ...stages.flatMap(({ program, split, merge }) => [
      program,
      ...(split.by === 'program' ? [split.program] : []),
      ...(merge.by === 'program' ? [merge.program] : []),
    ]),
    ...(file.rounds === undefined ? [] : [file.rounds.next]),
    ...Object.values(file.files ?? {}),
  ];
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

function specOf(
  file: JobFileText,
  program: BlobSource,
  input: BlobSource | undefined,
  files: ReadonlyMap<string, BlobSource>,
): JobSpecText {
  return {
    ...plainSpecOf(file),
    program: program.sha256,
    split: file.split,
    merge: file.merge,
    ...(input === undefined ? {} : { input: { sha256: input.sha256, bytes: input.bytes } }),
    ...(files.size === 0
      ? {}
      : {
          files: [...files].map(([name, source]) => ({ name, sha256: source.sha256, bytes: source.bytes })),
        }),
  };
}
