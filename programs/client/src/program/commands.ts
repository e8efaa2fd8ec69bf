import { runAction } from '@taika/cli/run-action';
import { type Command, InvalidArgumentError } from 'commander';
import { checkProgram, meterProgram, runProgram, writeBuiltProgram } from './program-actions.ts';

const defaultTimeoutSeconds = 600;

/** `taika program check | meter | run | build`: everything about a program before it costs money. */
export function registerProgramCommands(command: Command): void {
  const program = command.command('program').description('check, build and try programs on this machine');
  program
    .command('check <file>')
    .description('say whether the grid takes a program (.wasm or .ts), and if not, why and what to do')
    .option('--json', 'print JSON', false)
    .action((file, options) => runAction(options.json, () => checkProgram(file, options)));
  program
    .command('build <file>')
    .description('compile a program in AssemblyScript (.ts) to a WASI command')
    .option('-o, --output <file>', 'where it goes (default: the same name with .wasm, here)')
    .option('--json', 'print JSON', false)
    .action((file, options) => runAction(options.json, () => writeBuiltProgram(file, options)));
  program
    .command('meter <file> <output>')
    .description('write the program as terminals run it: counting its work, its memory bounded')
    .option('--strict', 'make the bits of NaN equal on every machine too', false)
    .option('--json', 'print JSON', false)
    .action((file, output, options) => runAction(options.json, () => meterProgram(file, output, options)));
  program
    .command('run <file>')
    .description(
      'compute one unit in the terminals’ sandbox: unit on stdin, result on stdout, cost on stderr',
    )
    .option('--file <name=path>', 'a file of the job, seen as /job/NAME; repeatable', addFile, new Map())
    .option('--env <name=value>', 'a variable of the job; repeatable', addVariable, new Map())
    .option('--arg <text>', 'an argument of the job; repeatable', addText, [])
    .option('--seed <number>', 'the job’s seed', seedOf, 0n)
    .option('--strict', 'make the bits of NaN equal on every machine', false)
    .option('--timeout <seconds>', 'time for the unit', secondsOf, defaultTimeoutSeconds)
    .option('--json', 'print fuel, exit code and memory as JSON on stderr', false)
    .action((file, options) => runAction(options.json, () => runProgram(file, options)));
}

/** Names are held to what a job file and the grid take: what runs here is to run there. */
function addFile(text: string, pairs: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [name, path] = pairOf(text);
  if (/^[A-Za-z0-9._-]{1,200}$/.test(name) && !/^\.\.?$/.test(name)) return new Map([...pairs, [name, path]]);
  throw new InvalidArgumentError('A name under /job has 1 to 200 letters, digits and . _ - only.');
}

function addVariable(text: string, pairs: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const [name, value] = pairOf(text);
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('TAIKA_')) {
    return new Map([...pairs, [name, value]]);
  }
  throw new InvalidArgumentError('A name has letters, digits and _, and does not begin with TAIKA_.');
}

function pairOf(text: string): readonly [name: string, value: string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('NAME=VALUE is expected.');
  return [name, value];
}

function addText(text: string, texts: readonly string[]): readonly string[] {
  return [...texts, text];
}

function seedOf(text: string): bigint {
  if (/^[0-9]{1,20}$/.test(text) && BigInt(text) < 2n ** 64n) return BigInt(text);
  throw new InvalidArgumentError('A whole number from 0 to 18446744073709551615 is expected.');
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError('Seconds, above 0 and up to 86400, are expected.');
}
