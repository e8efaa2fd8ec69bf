import { runAction } from '@taika/cli/run-action';
import { addServerFlags, readServerSettings, type ServerFlags } from '@taika/cli/server-command';
import { systemClock } from '@taika/runtime/clock';
import { createLogger } from '@taika/runtime/log';
import { systemRandom } from '@taika/runtime/random';
import { runUntilSignal } from '@taika/runtime/shutdown';
import type { Command } from 'commander';
import { dispatchPrefix, dispatchSettings } from '../settings.ts';

/** Adds `serve`: runs a dispatch server until SIGINT or SIGTERM. */
export function addServeCommand(command: Command): void {
  const serve = command.command('serve').description('Run a dispatch server until it is told to stop.');
  addServerFlags(serve, settingsOfDispatch)
    .option('--demo-rates', 'Same as --rates demo.')
    .action((flags: ServerFlags) => runAction(flags.json === true, () => serveUntilSignal(flags)));
}

const settingsOfDispatch = { table: dispatchSettings, prefix: dispatchPrefix };

async function serveUntilSignal({ demoRates, ...flags }: ServerFlags): Promise<void> {
  const settings = await readServerSettings(
    settingsOfDispatch,
    demoRates === true ? { ...flags, rates: 'demo' } : flags,
  );
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
