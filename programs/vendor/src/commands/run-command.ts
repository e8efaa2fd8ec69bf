import { RemoteError } from '@taika/http/call';
import { SettingsError } from '@taika/runtime/settings';

/** The command was given wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Runs a command: a failure is told in a sentence with what to do, and becomes the exit code: 2 for misuse, 1 for anything else. */
export async function runCommand(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    process.exitCode = error instanceof UsageError || error instanceof SettingsError ? 2 : 1;
    if (error instanceof RemoteError) {
      console.error(`${error.message}\n${error.remedy}`);
    } else {
      console.error(error instanceof Error ? error.message : String(error));
    }
  }
}
