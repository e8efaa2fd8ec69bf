import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

/** What a runner must not be able to do, in the words of Node's permission model. */
const forbidden = ['net', 'child', 'addon', 'wasi', 'inspector', 'ffi', 'fs.write'] as const;

/**
 * Throws unless this process really is confined. A single executable, for one, ignores bare flags and runs
 * unrestricted without a word, so the flags on the command line prove nothing.
 */
export function assertConfined(): void {
  const permission = process.permission as { has(scope: string, reference?: string): boolean } | undefined;
  if (permission === undefined)
    throw new Error('This runner has no permission model: it must not run programs.');
  const granted: string[] = forbidden.filter((scope) => permission.has(scope));
  if (permission.has('fs.read', '/')) granted.push('fs.read');
  if (granted.length > 0) throw new Error(`This runner may still use: ${granted.join(', ')}.`);
  // bubblewrap names the working directory of the empty file system, whatever it is told.
  const variables = Object.keys(process.env).filter((name) => name !== 'PWD');
  if (variables.length > 0) throw new Error('This runner was given an environment.');
}

/**
 * Takes from this thread every function that reaches another process of the same user: no permission of Node's covers
 * signals (one of which opens a process to debuggers) and priorities, and below level 3 the agent has the same user.
 * Returns how this process may still end itself, at once and whatever its workers do.
 */
export function dropSignals(): () => void {
  const { pid } = process;
  const { _kill } = process as unknown as { _kill(pid: number, signal: number): number };
  const sigkill = os.constants.signals.SIGKILL;
  for (const name of ['kill', '_kill', '_debugProcess']) refuse(process, name);
  refuse(os, 'setPriority');
  syncBuiltinESMExports();
  return () => void _kill(pid, sigkill);
}

function refuse(owner: object, name: string): void {
  const value = () => {
    throw new Error(`A runner may not use ${name}.`);
  };
  Object.defineProperty(owner, name, { value, writable: false, configurable: false });
}

/**
 * Takes from a worker what it needed to start. Without this, code that broke out of V8's sandbox could start a
 * worker with no arguments of Node's, which is not bound by the permission model (seen in Node 26.10). The
 * process's main thread keeps that right, to replace stopped workers; foreign code never runs there.
 */
export function dropWorkerRights(): void {
  dropSignals();
  const permission = process.permission as
    | { drop(scope: string): void; has(scope: string): boolean }
    | undefined;
  if (permission === undefined) return;
  permission.drop('worker');
  permission.drop('fs.read');
  if (permission.has('worker')) throw new Error('A worker of the runner may still start workers.');
}
