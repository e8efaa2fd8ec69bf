import { RemoteError } from '@taika/http/call';
import { AgentError } from '../core/agent-error.ts';
import { SocketTakenError } from '../node/listen-on-socket.ts';

/** Prints a line for people. */
export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a value for programs. */
export function sayJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, bigintAsText)}\n`);
}

/** Runs a command; what goes wrong is a sentence, what to do, and exit code 1. */
export async function perform(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (error) {
    process.exitCode = 1;
    for (const line of explain(error)) process.stderr.write(`${line}\n`);
  }
}

function explain(error: unknown): string[] {
  if (error instanceof AgentError || error instanceof RemoteError) {
    return [error.message, ...(error.remedy === '' ? [] : [`What to do: ${error.remedy}`])];
  }
  if (error instanceof SocketTakenError) return [error.message, 'What to do: see `taika agent status`.'];
  if (!(error instanceof Error)) return [String(error)];
  return [
    error.message,
    ...(error.cause === undefined ? [] : explain(error.cause).map((line) => `  because: ${line}`)),
  ];
}

/** A table for people: columns as wide as their widest cell. */
export function sayTable(rows: readonly (readonly string[])[]): void {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, at) => Math.max(all[at] ?? 0, cell.length)),
    [],
  );
  for (const row of rows)
    say(
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

/** Thousandths as a decimal number: "1500" is 1.5. */
export function fromMilli(milli: string): string {
  const value = BigInt(milli);
  const sign = value < 0n ? '-' : '';
  const size = value < 0n ? -value : value;
  const fraction = String(size % 1000n)
    .padStart(3, '0')
    .replace(/0+$/, '');
  return `${sign}${size / 1000n}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Money of the wire for people: thousandths of the minor unit. */
export function showMoney({
  currency,
  amountMilli,
}: {
  readonly currency: string;
  readonly amountMilli: string;
}): string {
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0;
  const [whole = '0', fraction = ''] = fromMilli(amountMilli).split('.');
  if (digits === 0) return `${fraction === '' ? whole : `${whole}.${fraction}`} ${currency}`;
  const scale = 10n ** BigInt(digits);
  const minor = BigInt(whole);
  return `${minor / scale}.${String(minor % scale).padStart(digits, '0')} ${currency}`;
}

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
