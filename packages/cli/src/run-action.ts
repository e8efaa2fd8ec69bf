import { describeError } from './describe-error.ts';

/**
 * Runs a command's action. What it throws is told on standard error in two lines, or as one JSON object where
 * `--json` was asked for, and becomes the exit code: 1 failed, 2 misused.
 */
export async function runAction(json: boolean, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const { exitCode, ...told } = describeError(error);
    if (json) console.error(JSON.stringify({ error: told }));
    else
      console.error(
        `taika: ${told.sentence}${told.remedy === undefined ? '' : `\n  What to do: ${told.remedy}`}`,
      );
    if (process.env.TAIKA_LOG_LEVEL === 'debug') console.error(error);
    process.exitCode = exitCode;
  }
}
