import { parseMoney } from '@taika/ledger/money';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { MoneyText } from '@taika/protocol/schema';
import type { JobDraft } from './find-job-refusal.ts';
import type { JobFileText } from './job-file.ts';
import { parseDuration, parseSize } from './quantity.ts';

/** What a job file says that needs no other file, as it goes over the wire. */
export type PlainSpec = Omit<
  JobSpecText,
  'program' | 'input' | 'files' | 'split' | 'merge' | 'laterStages' | 'rounds'
>;

/** Reads a job file’s words, sizes, durations and amounts. */
export function plainSpecOf(file: JobFileText): PlainSpec {
  const limits = limitsOf(file);
  const deadlineMs = file.deadline === undefined ? undefined : parseDuration(file.deadline);
  return {
    name: file.name,
    privacy: file.privacy,
    ...(file.description === undefined ? {} : { description: file.description }),
    ...(file.args === undefined ? {} : { args: file.args }),
    ...(file.env === undefined ? {} : { env: file.env }),
    ...(file.seed === undefined ? {} : { seed: String(file.seed) }),
    ...(file.trust === undefined ? {} : { trust: file.trust }),
    ...(file.critical === undefined ? {} : { critical: file.critical }),
    ...(file.copies === undefined ? {} : { copies: file.copies }),
    ...(file.artefact === undefined ? {} : { artefact: file.artefact }),
    ...(limits === undefined ? {} : { limits }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(file.maxPrice === undefined ? {} : { maxPrice: moneyOf(file.maxPrice) }),
  };
}

/** All that a job file says, with paths where a job has digests: enough to tell whether it can be a job. */
export function draftOf(file: JobFileText): JobDraft {
  const { split, merge, laterStages, rounds } = file;
  return {
    ...plainSpecOf(file),
    split,
    merge,
    ...(laterStages === undefined ? {} : { laterStages: [...laterStages] }),
    ...(rounds === undefined ? {} : { rounds }),
    files: Object.keys(file.files ?? {}).map((name) => ({ name })),
  };
}

function limitsOf(file: JobFileText): JobSpecText['limits'] {
  if (file.limits === undefined) return undefined;
  const { memory, output, time } = file.limits;
  const memoryBytes = memory === undefined ? undefined : parseSize(memory);
  const outputBytes = output === undefined ? undefined : parseSize(output);
  const timeMs = time === undefined ? undefined : parseDuration(time);
  return {
    ...(memoryBytes === undefined ? {} : { memoryMiB: Math.ceil(memoryBytes / 1024 ** 2) }),
    ...(outputBytes === undefined ? {} : { outputBytes }),
    ...(timeMs === undefined ? {} : { timeMs }),
  };
}

/** Of the form that the job file’s schema checks, and so always readable. */
function moneyOf(text: string): MoneyText {
  const [, amount = '', currency = ''] = /^([\d.]+) ?([A-Z]{3})$/.exec(text) ?? [];
  return { currency, amountMilli: String(parseMoney(amount, currency)) };
}
