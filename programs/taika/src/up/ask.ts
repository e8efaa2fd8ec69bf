import { spawn } from 'node:child_process';
import { CommandError } from '@taika/cli/command-error';

/**
 * Runs a Node program to its end and reads the JSON object that it prints as its last line.
 * Throws `CommandError` with the program's own words when it fails.
 */
export async function askJson<T>(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<T> {
  const line = (await askText(command, environment)).trimEnd().split('\n').at(-1) ?? '';
  return (line === '' ? undefined : JSON.parse(line)) as T;
}

/** Runs a Node program to its end and gives what it printed. */
export async function askText(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(process.execPath, [...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let out = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw failure(command, complaint);
  return out;
}

function failure(command: readonly string[], complaint: string): CommandError {
  const told = lastJson(complaint)?.error;
  return new CommandError(told?.sentence ?? `${command.slice(1, 4).join(' ')} failed: ${complaint.trim()}`, {
    code: told?.code ?? 'internal',
    remedy: told?.remedy ?? 'Read the message above.',
    exitCode: 1,
  });
}

function lastJson(text: string): { error?: { code: string; sentence: string; remedy?: string } } | undefined {
  try {
    return JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
}
