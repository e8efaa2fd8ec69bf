import { readerLanguage } from '@taika/cli/reader-language';
import { runAction } from '@taika/cli/run-action';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { runConsent } from './commands/consent-command.ts';
import { runConfirm, runDecline, runOrders } from './commands/order-commands.ts';
import { runRegister } from './commands/register-command.ts';
import { runRun } from './commands/run-command.ts';
import { runLog } from './commands/show-log.ts';
import { runKey, runStatus } from './commands/show-status.ts';
import { runFinish, runForget, runPause, runResume, runStop, runWithdraw } from './commands/verbs.ts';
import type { ConsentLocale } from './core/consent-text.ts';
import { type ChosenHome, type HomeChoice, resolveHome } from './node/home.ts';
import { defaultCores, defaultMemoryMiB } from './node/shares.ts';

/** Adds the group `agent` to a program: `taika agent status`. */
export function registerAgentCommands(program: Command): void {
  addAgentVerbs(program.command('agent'));
}

/** Adds the agent's verbs to a command, or to the agent's own program. */
export function addAgentVerbs(command: Command): void {
  command.description('The license agent: this machine computes, and its member is paid in software.');
  add(command, 'register', 'register this machine and its member at a vendor')
    .requiredOption('--vendor <url>', 'address of the vendor server')
    .requiredOption('--product <name>', 'the product’s short name')
    .requiredOption('--name <name>', 'your name, for the vendor')
    .requiredOption('--contact <contact>', 'an e-mail address or another way to reach you, for the vendor')
    .option('--json', 'print one JSON object')
    .action((options) => at(options, ({ home }) => runRegister(home, options)));
  addLimits(add(command, 'consent', 'read the terms of lending this machine, and accept them'))
    .option('--accept-terms <version>', 'accept the text of this version')
    .option('--locale <locale>', 'en or ja', parseLocale, readerLanguage())
    .option('--product <name>', 'only for this product')
    .option('--json', 'print one JSON object')
    .action((options) => at(options, ({ home }) => runConsent(home, options)));
  addLimits(add(command, 'run', 'compute in the foreground'))
    .addOption(
      new Option('--priority <priority>', 'lowest: behind all other programs; ordinary: like any other')
        .choices(['lowest', 'ordinary'])
        .default('lowest')
        .env('TAIKA_AGENT_PRIORITY'),
    )
    .option('--verbose', 'say more')
    .action((options) => at(options, (place) => runRun(place, options)));
  add(command, 'status', 'what the agent does and why, points, licenses')
    .option('--locale <locale>', 'en or ja, for why a license rests or ended', parseLocale, readerLanguage())
    .option('--json', 'print one JSON object')
    .action((options) => at(options, (place) => runStatus(place, options)));
  add(command, 'pause', 'pause for 15m, 1h or until tomorrow; without a length, switch computing off')
    .argument('[length]', '15m, 1h, tomorrow')
    .action((length, options) => at(options, ({ home }) => runPause(home, length)));
  add(command, 'resume', 'compute again').action((options) => at(options, ({ home }) => runResume(home)));
  add(command, 'finish', 'compute what is held, then pause')
    .option('--stop', 'then stop')
    .action((options) => at(options, ({ home }) => runFinish(home, options.stop ?? false)));
  add(command, 'stop', 'stop the agent').action((options) => at(options, ({ home }) => runStop(home)));
  add(command, 'withdraw', 'withdraw the consent: computing ends at once').action((options) =>
    at(options, ({ home }) => runWithdraw(home)),
  );
  add(command, 'forget', 'end the registrations and delete everything of the agent').action((options) =>
    at(options, ({ home }) => runForget(home)),
  );
  add(command, 'log', 'every unit that was computed here')
    .option('--last <runs>', 'only the last runs', parseCount)
    .option('--json', 'one JSON object a line')
    .action((options) => at(options, ({ home }) => runLog(home, options)));
  add(command, 'orders', 'orders that wait for your word, and earlier ones')
    .option('--json', 'print one JSON array')
    .action((options) => at(options, ({ home }) => runOrders(home, options)));
  for (const [name, summary, run] of [
    ['confirm', 'spend the points of an order', runConfirm],
    ['decline', 'refuse an order; held points are free again', runDecline],
  ] as const) {
    add(command, name, summary)
      .argument('<order>', 'the order’s id, or its beginning or end')
      .option('--json', 'print one JSON object')
      .action((order, options) => at(options, ({ home }) => run(home, order, options)));
  }
  add(command, 'key', 'show the license key')
    .option('--product <name>', 'only of this product')
    .option('--json', 'print one JSON array')
    .action((options) => at(options, ({ home }) => runKey(home, options)));
}

function add(command: Command, name: string, summary: string): Command {
  return command
    .command(name)
    .description(summary)
    .option('--home <dir>', 'the agent’s folder (TAIKA_AGENT_HOME)')
    .option('--agent <name>', 'an agent of `taika up`, by its name');
}

function addLimits(command: Command): Command {
  return command
    .option('--cores <count>', 'most cores to compute on', parseCount, defaultCores())
    .option('--memory <MiB>', 'most memory for computing, in MiB', parseCount, defaultMemoryMiB());
}

function at(
  choice: HomeChoice & { readonly json?: boolean },
  run: (place: ChosenHome) => Promise<void>,
): Promise<void> {
  return runAction(choice.json === true, async () => run(resolveHome(choice)));
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
}

function parseLocale(text: string): ConsentLocale {
  if (text !== 'en' && text !== 'ja') throw new InvalidArgumentError('It must be en or ja.');
  return text;
}
