import { CommandError } from '@taika/cli/command-error';

const everyMs = 100;

/** Asks until the answer is there. Throws `CommandError` with what was waited for when it does not come. */
export async function poll<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (performance.now() >= end) {
      throw new CommandError(`${what} did not come within ${timeoutMs / 1000} seconds.`, {
        code: 'timeout',
        remedy: 'Read the logs in the data folder; start again to go on.',
        exitCode: 1,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
