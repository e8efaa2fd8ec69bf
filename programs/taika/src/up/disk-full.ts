import { CommandError } from '@taika/cli/command-error';

/** What to say where something failed because the disk under `folder` is full; undefined where it failed otherwise. */
export function diskFull(error: unknown, folder: string): CommandError | undefined {
  if (!isDiskFull(error)) return undefined;
  return new CommandError('The disk is full.', {
    code: 'disk-full',
    remedy: `Make room on the disk of ${folder}, or name a folder on another one with --data; then start again: it goes on where it was.`,
    exitCode: 1,
    cause: error,
  });
}

/** Node's and PostgreSQL's codes, and the words of programs that were started; also where they are the cause, or what a failing clean-up hid. */
function isDiskFull(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > depthMax) return false;
  if ('code' in error && ['ENOSPC', '53100', 'disk-full'].includes(String(error.code))) return true;
  if (
    /No space left on device|ENOSPC|\b53100\b/.test(
      `${error.message} ${'stderr' in error ? error.stderr : ''}`,
    )
  )
    return true;
  const within = [error.cause, ...(error instanceof SuppressedError ? [error.error, error.suppressed] : [])];
  return within.some((each) => isDiskFull(each, depth + 1));
}

/** A chain of causes may be a ring. */
const depthMax = 5;
