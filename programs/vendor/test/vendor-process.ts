import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A server as a process of its own, started by its command line. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly operatorKeyFile: string;
  operatorKey(): Promise<string>;
  /** Resolves when the process has ended, by itself or by a signal. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts `main.ts serve --json` of a program and waits for its line. */
export async function startServer(
  program: 'vendor' | 'dispatch',
  flags: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const main = fileURLToPath(new URL(`../../${program}/src/main.ts`, import.meta.url));
  const args = Object.entries({ port: '0', 'log-level': 'error', ...flags }).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ]);
  const child = spawn(process.execPath, [main, 'serve', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const { url, operatorKeyFile } = await firstLine(child, ended);
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    await ended;
  };
  return {
    url,
    operatorKeyFile,
    operatorKey: async () => (await readFile(operatorKeyFile, 'utf8')).trim(),
    ended,
    stop,
    [Symbol.asyncDispose]: () => stop('SIGKILL'),
  };
}

async function firstLine(
  child: ChildProcess,
  ended: Promise<object>,
): Promise<{ url: string; operatorKeyFile: string }> {
  let text = '';
  const line = new Promise<string>((resolve) => {
    child.stdout?.on('data', (chunk) => {
      text += String(chunk);
      const end = text.indexOf('\n');
      if (end >= 0) {
        resolve(text.slice(0, end));
      }
    });
  });
  const first = await Promise.race([
    line,
    ended.then((how) => Promise.reject(new Error(`It ended: ${JSON.stringify(how)}.`))),
  ]);
  return JSON.parse(first);
}
