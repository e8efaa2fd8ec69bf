import { CommandError } from './command-error.ts';

/** An error as a person or a program is told it. */
export interface ErrorDescription {
  readonly code: string;
  readonly sentence: string;
  readonly remedy?: string;
  /** The causes of what nobody foresaw, outermost first. */
  readonly because?: readonly string[];
  readonly exitCode: 1 | 2;
}

/**
 * Reads whatever was thrown: a `CommandError`, an error of a server (it carries `code`, `fault`, `remedy`), an
 * error of a job file, or something that we did not expect. What the caller can mend is misuse: exit code 2.
 */
export function describeError(error: unknown): ErrorDescription {
  if (error instanceof CommandError) {
    return { code: error.code, sentence: error.message, remedy: error.remedy, exitCode: error.exitCode };
  }
  if (!(error instanceof Error)) return { code: 'internal', sentence: String(error), exitCode: 1 };
  const { code, remedy, fault, detail, path } = error as Error & Readonly<Record<string, unknown>>;
  if (error.name === 'JobFileError') {
    return { code: 'job-file', sentence: error.message, remedy: 'Correct the job file there.', exitCode: 2 };
  }
  if (typeof code === 'string' && fileRemedies[code] !== undefined) {
    const what = typeof path === 'string' ? `${path}: ${fileSentences[code]}` : error.message;
    return { code: 'file', sentence: what, remedy: fileRemedies[code], exitCode: 2 };
  }
  const sentence =
    typeof detail === 'string' && detail !== '' && !error.message.includes(detail)
      ? `${error.message} ${detail}`
      : error.message;
  return {
    code: typeof code === 'string' ? code : 'internal',
    sentence: typeof remedy === 'string' ? withoutEnd(sentence, ` ${remedy}`) : sentence,
    ...(typeof remedy === 'string' && remedy !== '' ? { remedy } : because(error)),
    exitCode: isMisuse(error.name, fault) ? 2 : 1,
  };
}

/** Some errors have their remedy in the message, for whoever prints only that. */
function withoutEnd(text: string, end: string): string {
  return end.trim() !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text;
}

/** A job that was taken and then failed was no misuse of the command, whoever's fault it is. */
function isMisuse(name: string, fault: unknown): boolean {
  return (fault === 'caller' || fault === 'customer') && !jobFailures.has(name);
}

const jobFailures: ReadonlySet<string> = new Set(['JobEnded', 'UnitFailed', 'SplitError', 'MergeError']);

function because({ cause }: Error): { readonly because?: readonly string[] } {
  const causes: string[] = [];
  for (let at = cause; at !== undefined && causes.length < causesMax; at = (at as Error).cause) {
    if (!(at instanceof Error)) return { because: [...causes, String(at)] };
    causes.push(at.message);
  }
  return causes.length === 0 ? {} : { because: causes };
}

/** A chain of causes may be a ring. */
const causesMax = 5;

const fileSentences: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file.',
  EACCES: 'this file may not be read or written.',
  EPERM: 'this file may not be read or written.',
  EISDIR: 'this is a folder, not a file.',
  ENOSPC: 'the disk is full.',
};

const fileRemedies: Readonly<Record<string, string>> = {
  ENOENT: 'Check the path; paths in a job file are relative to it.',
  EACCES: 'Change its permissions, or name another file.',
  EPERM: 'Change its permissions, or name another file.',
  EISDIR: 'Name a file.',
  ENOSPC: 'Make room, and run the command again.',
};
