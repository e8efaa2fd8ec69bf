import { describeError, type ErrorDescription } from './describe-error.ts';

/**
 * Runs a command's action. What it throws is told on standard error in two lines, or as one JSON object where
 * `--json` was asked for, and becomes the exit code: 1 failed, 2 misused.
 */
export async function runAction(json: boolean, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const { exitCode, ...told } = describeError(error);
    console.error(json ? JSON.stringify({ error: told }) : errorText(told));
    if (process.env.TAIKA_LOG_LEVEL === 'debug') console.error(error);
    process.exitCode = exitCode;
  }
}

function errorText({ sentence, remedy, because = [] }: Omit<ErrorDescription, 'exitCode'>): string {
  const more = remedy === undefined ? because.map((cause) => `because: ${cause}`) : [`What to do: ${remedy}`];
  return [`taika: ${sentence}`, ...more].join('\n  ');
}
