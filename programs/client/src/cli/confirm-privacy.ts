import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { countText } from '@taika/cli/amounts';
import { CommandError } from '@taika/cli/command-error';
import { homeDirectory } from '@taika/cli/profile-file';
import { replaceFile } from '@taika/runtime/replace-file';

const fileName = 'confirmed-jobs.json';

export interface ConfirmOptions {
  /** Days after a job's end that the contractor keeps its data; asked for only where something is to be confirmed. */
  readonly retentionDays: () => Promise<number>;
  /** Said beforehand, with --yes. */
  readonly yes: boolean;
  readonly isScreen?: boolean;
  readonly ask?: (question: string) => Promise<string>;
}

/**
 * Says once for each job file that strangers read its input and program, and keeps the answer. Where nobody can be
 * asked the file's own `privacy: public` is the answer. Throws `CommandError` where the customer does not agree.
 */
export async function confirmPrivacy(jobFile: string, options: ConfirmOptions): Promise<void> {
  const path = join(homeDirectory(), fileName);
  const confirmed = await readConfirmed(path);
  const file = resolve(jobFile);
  if (confirmed.includes(file)) return;
  console.error(privacySentence(await options.retentionDays()));
  const isScreen = options.isScreen ?? (process.stdin.isTTY === true && process.stderr.isTTY === true);
  if (!options.yes && isScreen) {
    const answer = await (options.ask ?? ask)('Go on? [y/N] ');
    if (!/^y(es)?$/i.test(answer.trim())) {
      throw new CommandError('Nothing was sent.', {
        code: 'not-confirmed',
        remedy: 'Leave out what nobody may see, and run the command again.',
      });
    }
  }
  await replaceFile(path, `${JSON.stringify([...confirmed, file].slice(-confirmedMax))}\n`);
}

/** What `privacy: public` means, with the contractor's own time. */
export function privacySentence(retentionDays: number): string {
  return (
    'privacy: public. Terminals of people whom you do not know read the input, the files and the program of this job. ' +
    `They are deleted from the server ${countText(retentionDays, 'day')} after the job's end, or when you say: taika delete JOB. ` +
    'From then on nobody is given them; their bytes leave its disk within a day.'
  );
}

/** The file stays small; who has more job files is asked again now and then. */
const confirmedMax = 1000;

async function readConfirmed(path: string): Promise<readonly string[]> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  } catch {
    // Missing or damaged: the customer is asked once more, which does no harm.
    return [];
  }
}

async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}
