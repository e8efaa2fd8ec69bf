import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';

/** A name of our own beside a file, under which it grows. It is nobody else's: whoever made it may delete it. */
export function unfinishedName(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}.unfinished`;
}

/**
 * Removes a file where this process is ended while the file grows, by Ctrl-C or by itself; the signal then does what it would
 * have done. Close it when the file is whole or gone.
 */
export function removedAtExit(path: string): Disposable {
  const remove = () => rmSync(path, { force: true });
  const onSignal = (signal: NodeJS.Signals) => {
    remove();
    stop();
    // Whoever else listens decides what becomes of the process; where nobody does, it ends as if we had not listened.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const stop = () => {
    process.off('exit', remove);
    for (const signal of signals) process.off(signal, onSignal);
  };
  process.on('exit', remove);
  for (const signal of signals) process.on(signal, onSignal);
  return { [Symbol.dispose]: stop };
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
