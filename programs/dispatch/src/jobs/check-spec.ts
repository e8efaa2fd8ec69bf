import { ApiError } from '@taika/http/api-error';
import { findSizeTrouble } from '@taika/job/check-size';
import { generatedUnits, isGenerated, recordsMax } from '@taika/job/generated-split';
import { stateFileName } from '@taika/job/phases';
import { SplitError } from '@taika/job/split-error';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import { limits } from '@taika/protocol/limits';

/** Checks what a schema cannot say. Throws ApiError `job-refused` that names the field. */
export function checkSpec(spec: JobSpecText): void {
  if (isGenerated(spec.split) && spec.input !== undefined) {
    throw refused('input', `a split by ${spec.split.by} makes its own units, so there can be no input`);
  }
  if (!isGenerated(spec.split) && spec.input === undefined) {
    throw refused('input', `a split by ${spec.split.by} needs an input`);
  }
  if (spec.trust !== undefined && spec.copies !== undefined) {
    throw refused('copies', 'a job has a trust level or copies, not both');
  }
  checkSplit(spec);
  checkPhases(spec);
  const names = new Set<string>();
  for (const { name } of spec.files ?? []) {
    if (!isFileName(name)) {
      throw refused(`files.${name}`, 'a name is a relative path without "." and ".." parts');
    }
    if (names.has(name)) {
      throw refused(`files.${name}`, 'the name is used twice');
    }
    names.add(name);
  }
  for (const [name, value] of Object.entries(spec.env ?? {})) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.startsWith('TAIKA_')) {
      throw refused(`env.${name}`, 'a name has letters, digits and _, and does not begin with TAIKA_');
    }
    if (value.includes('\0')) {
      throw refused(`env.${name}`, 'a value holds no NUL character');
    }
  }
  for (const [field, texts] of textsOf(spec)) {
    if (texts.some((text) => text.includes('\0'))) {
      throw refused(field, 'a text holds no NUL character');
    }
    if (texts.reduce((sum, { length }) => sum + length, 0) > limits.jobTextMax) {
      throw refused(field, `it holds at most ${limits.jobTextMax} characters in all`);
    }
  }
}

function textsOf({ args, laterStages, rounds, env }: JobSpecText): [string, readonly string[]][] {
  return [
    ['args', args ?? []],
    ...(laterStages ?? []).map(({ args }, index): [string, readonly string[]] => [
      `laterStages.${index}.args`,
      args ?? [],
    ]),
    ['rounds.args', rounds?.args ?? []],
    ['env', Object.entries(env ?? {}).flat()],
  ];
}

/** Whatever is fed by an earlier phase must read what it is fed. */
function checkPhases({ split, laterStages, rounds, files }: JobSpecText): void {
  if (rounds !== undefined && isGenerated(split)) {
    throw refused('rounds', 'the input of a round is what the round before gave, and a range reads no input');
  }
  if (rounds !== undefined && files?.some(({ name }) => name === stateFileName) === true) {
    throw refused(
      `files.${stateFileName}`,
      'in a job with rounds this name is that of what rounds.next kept',
    );
  }
  for (const [index, stage] of (laterStages ?? []).entries()) {
    if (isGenerated(stage.split)) {
      throw refused(
        `laterStages.${index}.split`,
        'a stage reads what the stage before it gave, and a range reads no input',
      );
    }
    checkSplit({ split: stage.split });
  }
}

/** What is sure to fail later is refused now, while the customer looks. Splits by records are known when the input is read. */
function checkSplit({ split, input }: Pick<JobSpecText, 'split' | 'input'>): void {
  const size = findSizeTrouble(split);
  if (size !== undefined) {
    throw refused('split', `exactly one of ${size.wanted} and targetSeconds says how much is in a unit`);
  }
  for (const [name, value] of Object.entries(split)) {
    if (name !== 'targetSeconds' && typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw refused(`split.${name}`, 'a number is between -(2^53 - 1) and 2^53 - 1');
    }
  }
  if (
    split.by === 'bytes' &&
    (input?.bytes ?? 0) / (split.bytes ?? Number.POSITIVE_INFINITY) > limits.jobUnitsMax
  ) {
    throw refused('split.bytes', `the input makes more than ${limits.jobUnitsMax} units: raise it`);
  }
  if (isGenerated(split)) {
    try {
      // Sized later, it can only be empty; and then it is so with any size.
      generatedUnits({ ...split, records: split.records ?? recordsMax }).next();
    } catch (error) {
      throw error instanceof SplitError
        ? new ApiError('job-refused', `split: ${error.message}`, { cause: error })
        : error;
    }
  }
}

function isFileName(name: string): boolean {
  return (
    name.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !/[\0\\]/.test(name)
  );
}

function refused(field: string, sentence: string): ApiError {
  return new ApiError('job-refused', `${field}: ${sentence}.`, {
    fields: [{ path: field, expected: sentence }],
  });
}
