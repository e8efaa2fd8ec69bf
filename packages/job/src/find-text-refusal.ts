import { limits } from '@taika/protocol/limits';
import type { JobDraft } from './find-job-refusal.ts';
import { type JobRefusal, refuse } from './job-refusal.ts';

/** Names and words that cannot be stored, shown or handed to a program. */
export function findTextRefusal(draft: JobDraft): JobRefusal | undefined {
  for (const field of ['name', 'description'] as const) {
    if (!(draft[field] ?? '').isWellFormed()) return refuse([field], illFormed);
  }
  if (controls.test(draft.name)) return refuse(['name'], 'it holds no control characters, and no line ends');
  if (controls.test((draft.description ?? '').replace(/[\n\t]/g, ''))) {
    return refuse(['description'], 'it holds no control characters but line ends');
  }
  return findFileRefusal(draft) ?? findEnvironmentRefusal(draft) ?? findLongTexts(draft);
}

const illFormed = 'a text is Unicode, and this holds half a character';

/** C0, DEL and C1: what a terminal obeys in place of showing it. */
const controls = /\p{Cc}/u;

function findFileRefusal({ files = [] }: JobDraft): JobRefusal | undefined {
  if (files.length > limits.jobFilesMax)
    return refuse(['files'], `a job has at most ${limits.jobFilesMax} files: pack them into fewer`);
  const names = new Set<string>();
  for (const { name } of files) {
    if (!isFileName(name)) {
      return refuse(['files', name], 'a name is a relative path without "." and ".." parts');
    }
    if (names.has(name)) return refuse(['files', name], 'the name is used twice');
    names.add(name);
  }
  return undefined;
}

function isFileName(name: string): boolean {
  return (
    name.split('/').every((part) => part !== '' && part !== '.' && part !== '..') &&
    !controls.test(name) &&
    !name.includes('\\')
  );
}

function findEnvironmentRefusal({ env = {} }: JobDraft): JobRefusal | undefined {
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.startsWith('TAIKA_')) {
      return refuse(['env', name], 'a name has letters, digits and _, and does not begin with TAIKA_');
    }
    if (value.includes('\0')) return refuse(['env', name], 'a value holds no NUL character');
  }
  return undefined;
}

function findLongTexts(draft: JobDraft): JobRefusal | undefined {
  const isStaged = (draft.laterStages ?? []).length > 0;
  for (const [path, texts] of textsOf(draft)) {
    if (path.at(-1) === 'args' && texts.length > limits.jobArgsMax) {
      return refuse(path, `a program has at most ${limits.jobArgsMax} arguments`, isStaged);
    }
    if (!texts.every((text) => text.isWellFormed())) return refuse(path, illFormed, isStaged);
    if (texts.some((text) => text.includes('\0')))
      return refuse(path, 'a text holds no NUL character', isStaged);
    if (texts.reduce((sum, { length }) => sum + length, 0) > limits.jobTextMax) {
      return refuse(path, `it holds at most ${limits.jobTextMax} characters in all`, isStaged);
    }
  }
  return undefined;
}

function textsOf({ args, laterStages, rounds, env }: JobDraft): [string[], readonly string[]][] {
  return [
    [['args'], args ?? []],
    ...(laterStages ?? []).map((stage, at): [string[], readonly string[]] => [
      ['laterStages', String(at), 'args'],
      stage.args ?? [],
    ]),
    [['rounds', 'args'], rounds?.args ?? []],
    [['env'], Object.entries(env ?? {}).flat()],
  ];
}
