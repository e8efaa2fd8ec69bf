import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../taika/src/main.ts', import.meta.url));

/** Runs the command line to its end. */
export function runTaika(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [main, ...words],
      { env: { ...process.env, ...environment }, timeout: 60_000 },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}
