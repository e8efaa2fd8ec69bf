import { readFile } from 'node:fs/promises';
import { runAction } from '@taika/cli/run-action';
import { systemClock } from '@taika/runtime/clock';
import { createLogger } from '@taika/runtime/log';
import { systemRandom } from '@taika/runtime/random';
import { flagName, readSettings } from '@taika/runtime/settings';
import { runUntilSignal } from '@taika/runtime/shutdown';
import type { Command } from 'commander';
import { startVendorServer } from '../server.ts';
import { type VendorSettings, vendorEnvironment, vendorSettings } from '../settings.ts';

type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** Adds `serve`: runs the vendor server until SIGINT or SIGTERM. */
export function addServeCommand(command: Command): void {
  const serve = command.command('serve').description('Run the vendor server until it is told to stop.');
  for (const [name, { describe, fallback, shape }] of Object.entries(vendorSettings)) {
    const shown = fallback === undefined ? '' : ` (default: ${fallback})`;
    serve.option(`${flagName(name)} <value>`, `${describe} ${shape}.${shown}`);
  }
  serve.option(
    '--config <file>',
    'JSON file with settings by their camelCase names; flags and TAIKA_VENDOR_… win.',
  );
  serve.option('--json', 'Say where the server listens as one JSON line on standard output.');
  serve.action((flags: Flags) => runAction(flags.json === true, () => serveUntilSignal(flags)));
}

async function serveUntilSignal(flags: Flags): Promise<void> {
  const settings = await readVendorSettings(flags);
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

async function readVendorSettings({ json: _json, config, ...flags }: Flags): Promise<VendorSettings> {
  const file = typeof config === 'string' ? JSON.parse(await readFile(config, 'utf8')) : {};
  return readSettings(vendorSettings, { flags, environment: vendorEnvironment(process.env), file });
}
