/** Programs as people start them: each a process, judged by its exit code and by what it says. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** How a program ended, and all that it said. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly directory?: string;
  /** Standard input; nothing by default. */
  readonly input?: string;
}

const taikaFile = resolve('programs/taika/bin/taika.js');
/** Nothing that a test starts in this way takes so long, on a busy machine either. */
const timeoutMs = 300_000;

/** Runs the command line of all roles: `taika(['jobs'], { environment: { TAIKA_HOME } })`. */
export function taika(words: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return runProgram([process.execPath, taikaFile, ...words], options);
}

/** Runs a program to its end. */
export async function runProgram(
  [program = '', ...words]: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  const child = spawn(program, words, {
    cwd: options.directory,
    env: { ...process.env, ...options.environment },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => {}).end(options.input ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((done, reject) => {
    child.once('error', reject);
    child.once('close', done);
  });
  return { code, stdout, stderr };
}

/** The program must have succeeded; gives what it printed. */
export function succeeded({ code, stdout, stderr }: Ended): string {
  assert.equal(code, 0, `It ended with ${code}.\n${stdout}\n${stderr}`);
  return stdout;
}

/** The last line as JSON, of a program that succeeded. */
export function jsonOf<T>(ended: Ended): T {
  return JSON.parse(succeeded(ended).trimEnd().split('\n').at(-1) ?? '') as T;
}

/**
 * A refusal that a person can use: the exit code, a sentence, what to do, and nothing of our insides: no stack, no name
 * of a source file.
 */
export function assertRefused(
  { code, stdout, stderr }: Ended,
  expected: { readonly code: 1 | 2; readonly says: RegExp },
): void {
  const said = `ended with ${code} and said:\n${stdout}\n${stderr}`;
  assert.equal(code, expected.code, said);
  assert.match(stderr, expected.says, said);
  assert.match(stderr, /What to do: [A-Za-z`]|"remedy":"[A-Za-z`]/, said);
  assert.doesNotMatch(stderr, /^\s+at .*[:(]|node:internal|\/src\/[a-z-]+\.ts|undefined|\[object /m, said);
}
