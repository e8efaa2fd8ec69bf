import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server process. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly operatorKey: string;
  readonly child: ChildProcess;
  /** Resolves when the process is gone, with the signal that ended it. */
  readonly gone: Promise<NodeJS.Signals | null>;
  /** Most memory so far, and processor time. */
  usage(): Promise<{ readonly maxRssMiB: number; readonly cpuSeconds: number }>;
}

/** Starts `server-process.ts` with these settings (`{ port: '0', data: … }`) and waits until it listens. */
export async function forkServer(
  settings: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const env = { ...process.env, ...environment };
  for (const [name, value] of Object.entries(settings)) {
    env[`TAIKA_DISPATCH_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`] = value;
  }
  const child = fork(fileURLToPath(new URL('./server-process.ts', import.meta.url)), [], {
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
  const ready = once(child, 'message').then(([message]) => message as { url: string; operatorKey: string });
  const started = await Promise.race([ready, gone.then(() => undefined)]);
  if (started === undefined) {
    throw new Error('The server process ended before it listened.');
  }
  return {
    ...started,
    child,
    gone,
    async usage() {
      child.send('usage');
      const [message] = await once(child, 'message');
      return message as { maxRssMiB: number; cpuSeconds: number };
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.disconnect();
        await gone;
      }
    },
  };
}
