import { CommandError } from '@taika/cli/command-error';
import { addListPapersFlags, addWritePaperFlags } from '@taika/cli/papers';
import { runAction } from '@taika/cli/run-action';
import { type Command, InvalidArgumentError } from 'commander';
import { init } from './cli/init.ts';
import { details, invoice, invoices } from './cli/invoices.ts';
import { cancel, deleteData, jobs, maxPrice, result, watch } from './cli/jobs.ts';
import { local } from './cli/local.ts';
import { login } from './cli/login.ts';
import { logs } from './cli/logs.ts';
import { quote } from './cli/quote.ts';
import { replay } from './cli/replay.ts';
import { run, submit } from './cli/run.ts';
import { webhook } from './cli/webhook.ts';

/** The customer's commands: `taika login | init | run | submit | local | jobs | watch | result | logs | replay | cancel | invoices | invoice | details`. */
export function registerClientCommands(command: Command): void {
  command
    .command('login')
    .description('store a customer’s key for the other commands')
    .option('--url <url>', 'address of the contractor’s dispatch server. Default: the profile’s')
    .option('--key <key>', 'the key; asked for when it is left out')
    .option('--json', 'print JSON', false)
    .action((options) => runAction(options.json, () => login(options)));
  command
    .command('init [folder]')
    .description('write a small job that works, to start from')
    .option('--json', 'print JSON', false)
    .action((folder, options) => runAction(options.json, () => init(folder ?? '.', options)));
  submitOptions(outputOptions(command.command('run <job-file>')))
    .description('submit a job, show its progress and write its result')
    .option('--detach', 'submit, print the job’s id and leave', false)
    .action((jobFile, options) => runAction(options.json, () => run(jobFile, options)));
  submitOptions(command.command('submit <job-file>'))
    .description('submit a job and print its id')
    .option('--quiet', 'show no progress', false)
    .option('--json', 'print JSON', false)
    .action((jobFile, options) => runAction(options.json, () => submit(jobFile, options)));
  command
    .command('quote <job-file>')
    .description('say what a job costs and how long it takes, from a few units computed here')
    .option('--input <file>', 'read this file in place of the job file’s input')
    .option(
      '--samples <units>',
      'units to compute here (default: 12); of stages, the first as far as they go',
      wholeNumber,
    )
    .option('--whole', 'compute all of the job here, with all stages and rounds: exact', false)
    .option('--at-most <time>', 'how long --whole may take, such as 10m')
    .option('--rented <amount>', 'what an hour of a rented core costs you (default: 6 JPY)')
    .option('--quiet', 'show no progress', false)
    .option('--json', 'print JSON', false)
    .action((jobFile, options) => runAction(options.json, () => quote(jobFile, options)));
  outputOptions(command.command('local <job-file>'))
    .description('compute a job on this machine: the same splitter, sandbox and merger as the grid')
    .option('--input <file>', 'read this file in place of the job file’s input')
    .option('--parallel <units>', 'units at a time (default: one a core)', wholeNumber)
    .action((jobFile, options) => runAction(options.json, () => local(jobFile, options)));
  command
    .command('jobs')
    .description('list your newest jobs')
    .option('--json', 'print JSON', false)
    .action((options) => runAction(options.json, () => jobs(options)));
  outputOptions(command.command('watch <job>'))
    .description('follow a job to its end; with --output also write its result')
    .action((job, options) => runAction(options.json, () => watch(job, options)));
  outputOptions(command.command('result <job>'))
    .description('write the merged result of a finished job')
    .action((job, options) => runAction(options.json, () => result(job, options)));
  command
    .command('logs <job>')
    .description('say which units failed, how, and what the program wrote')
    .option('--json', 'print JSON', false)
    .action((job, options) => runAction(options.json, () => logs(job, options)));
  command
    .command('replay <job> [unit]')
    .description('compute a unit here with its exact input (default: the first that failed)')
    .option('--program <file>', 'run this program (.ts or .wasm) in place of the job’s')
    .option('--save-input <file>', 'write what the program reads into this file')
    .option('-o, --output <file>', 'where the unit’s output goes (default: standard output)')
    .option('--json', 'print JSON', false)
    .action((job, unit, options) =>
      runAction(options.json, () => replay(job, unit === undefined ? undefined : unitOf(unit), options)),
    );
  command
    .command('max-price <job> <amount>')
    .description('change what a job may cost, tax included, such as "2000 JPY"; one that paused goes on')
    .option('--json', 'print JSON', false)
    .action((job, amount, options) => runAction(options.json, () => maxPrice(job, amount, options)));
  command
    .command('webhook [url]')
    .description('be told at this address when a job has ended; without an address show how it is')
    .option('--remove', 'be told no more', false)
    .option('--json', 'print JSON', false)
    .action((url, options) => runAction(options.json, () => webhook(url, options)));
  command
    .command('delete <job>')
    .description('delete an ended job’s input, program and results at the server')
    .option('--json', 'print JSON', false)
    .action((job, options) => runAction(options.json, () => deleteData(job, options)));
  command
    .command('cancel <job>')
    .description('cancel a job')
    .option('--json', 'print JSON', false)
    .action((job, options) => runAction(options.json, () => cancel(job, options)));
  addListPapersFlags(command.command('invoices').description('list your invoices; write them as files'))
    .option('--json', 'print JSON', false)
    .action((options) => runAction(options.json, () => invoices(options)));
  addWritePaperFlags(
    command.command('invoice <number>').description('write one invoice or credit note to a file'),
  )
    .option('--json', 'print JSON', false)
    .action((number, options) => runAction(options.json, () => invoice(number, options)));
  command
    .command('details')
    .description('say what your documents show beside your name; what is left out becomes empty')
    .option('--address <text>', 'address in one line')
    .option('--registration-number <number>', 'T and 13 digits')
    .option('--country <code>', 'two capitals; default: the contractor’s')
    .option('--json', 'print JSON', false)
    .action((options) => runAction(options.json, () => details(options)));
}

function outputOptions(command: Command): Command {
  return command
    .option('-o, --output <file>', 'where the result goes; - is standard output')
    .option('--quiet', 'show no progress', false)
    .option('--json', 'print JSON', false);
}

function submitOptions(command: Command): Command {
  return command
    .option('--input <file>', 'read this file in place of the job file’s input')
    .option('--key <text>', 'a name for this submission: the same name submits once')
    .option('--yes', 'you know that strangers’ terminals read input and program', false);
}

function unitOf(text: string): number {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new CommandError(`${text} is no unit.`, {
    code: 'usage',
    remedy: 'Units are numbered from 0; `taika logs JOB` lists those that failed.',
  });
}

function wholeNumber(text: string): number {
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number from 1 to 9999 is expected.');
}
