import { readFile } from 'node:fs/promises';
import { CommandError } from '@taika/cli/command-error';
import { runAction } from '@taika/cli/run-action';
import { systemClock } from '@taika/runtime/clock';
import { createLogger } from '@taika/runtime/log';
import { systemRandom } from '@taika/runtime/random';
import { flagName, readSettings, SettingsError } from '@taika/runtime/settings';
import { runUntilSignal } from '@taika/runtime/shutdown';
import type { Command } from 'commander';
import { type DispatchSettings, dispatchEnvironment, dispatchSettings } from '../settings.ts';

type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** Adds `serve`: runs a dispatch server until SIGINT or SIGTERM. */
export function addServeCommand(command: Command): void {
  const serve = command.command('serve').description('Run a dispatch server until it is told to stop.');
  for (const [name, { describe, fallback, shape }] of Object.entries(dispatchSettings)) {
    const shown = fallback === undefined ? '' : ` (default: ${fallback})`;
    serve.option(`${flagName(name)} <value>`, `${describe} ${shape}.${shown}`);
  }
  serve.option(
    '--config <file>',
    'JSON file with settings by their camelCase names; flags and TAIKA_DISPATCH_… win.',
  );
  serve.option('--demo-rates', 'Same as --rates demo.');
  serve.option('--json', 'Say where the server listens as one JSON line on standard output.');
  serve.action((flags: Flags) => runAction(flags.json === true, () => serveUntilSignal(flags)));
}

async function serveUntilSignal(flags: Flags): Promise<void> {
  const settings = await readDispatchSettings(flags);
  // Only now: the operator's other commands need none of the server, and start in a third of the time without it.
  const { startDispatchServer } = await import('../server.ts');
  const log = createLogger({ name: 'dispatch', level: settings.logLevel });
  await runUntilSignal(async () => {
    const server = await startDispatchServer({
      settings,
      clock: systemClock,
      random: systemRandom,
      log,
      say: (sentence) => console.error(sentence),
    });
    const { url, operatorKeyFile } = server;
    console.log(
      flags.json === true
        ? JSON.stringify({ url, operatorKeyFile })
        : `The dispatch server listens at ${url}. The operator key is in ${operatorKeyFile}.`,
    );
    return server;
  });
}

async function readDispatchSettings(flags: Flags): Promise<DispatchSettings> {
  const { json: _json, config, demoRates, ...given } = flags;
  try {
    return readSettings(dispatchSettings, {
      flags: demoRates === true ? { ...given, rates: 'demo' } : given,
      environment: dispatchEnvironment(process.env),
      file: typeof config === 'string' ? JSON.parse(await readFile(config, 'utf8')) : {},
    });
  } catch (error) {
    if (error instanceof SettingsError || error instanceof SyntaxError) {
      throw new CommandError(error.message, {
        code: 'settings',
        remedy: 'Correct the setting; `--help` lists all of them.',
        cause: error,
      });
    }
    throw error;
  }
}
