import { runAction } from '@taika/cli/run-action';
import { addServerFlags, readServerSettings, type ServerFlags } from '@taika/cli/server-command';
import { systemClock } from '@taika/runtime/clock';
import { createLogger } from '@taika/runtime/log';
import { systemRandom } from '@taika/runtime/random';
import { runUntilSignal } from '@taika/runtime/shutdown';
import type { Command } from 'commander';
import { vendorPrefix, vendorSettings } from '../settings.ts';

/** Adds `serve`: runs the vendor server until SIGINT or SIGTERM. */
export function addServeCommand(command: Command): void {
  const serve = command.command('serve').description('Run the vendor server until it is told to stop.');
  addServerFlags(serve, settingsOfVendor).action((flags: ServerFlags) =>
    runAction(flags.json === true, () => serveUntilSignal(flags)),
  );
}

const settingsOfVendor = { table: vendorSettings, prefix: vendorPrefix };

async function serveUntilSignal(flags: ServerFlags): Promise<void> {
  const settings = await readServerSettings(settingsOfVendor, flags);
  // Only now: the operator's commands need none of the server, and start faster without it.
  const { startVendorServer } = await import('../server.ts');
  const log = createLogger({ name: 'vendor', level: settings.logLevel });
  await runUntilSignal(async () => {
    const server = await startVendorServer({
      settings,
      clock: systemClock,
      random: systemRandom,
      log,
      say: (sentence) => console.error(sentence),
    });
    const { url, identity, operatorKeyFile } = server;
    console.log(
      flags.json === true
        ? JSON.stringify({ url, vendorId: identity.vendorId, operatorKeyFile })
        : `The vendor server listens at ${url}. The operator key is in ${operatorKeyFile}.`,
    );
    return server;
  });
}
