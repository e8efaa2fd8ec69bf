import { visibleLine } from '@taika/cli/visible-text';
import type { Logger } from '@taika/runtime/logger';

/** A log of plain lines on standard error, for a person who watches: no library, since the agent is small. */
export function createConsoleLog(isVerbose: boolean): Logger {
  const line = (level: string) => (fields: object, message?: string) => {
    const { err, ...rest } = fields as { err?: unknown };
    const cause = err === undefined ? '' : ` (${visibleLine(causesOf(err))})`;
    const facts = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
    process.stderr.write(
      `${new Date().toISOString()} ${level} ${message ?? ''}${cause}${isVerbose ? facts : ''}\n`,
    );
  };
  return {
    debug: isVerbose ? line('debug') : () => {},
    info: line('info '),
    warn: line('warn '),
    error: line('error'),
  };
}

function causesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} ← ${causesOf(error.cause)}`;
}
