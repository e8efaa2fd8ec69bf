import { readFile } from 'node:fs/promises';
import { systemClock } from '@taika/runtime/clock';
import { createLogger } from '@taika/runtime/log';
import { systemRandom } from '@taika/runtime/random';
import { flagName, readSettings } from '@taika/runtime/settings';
import { runUntilSignal } from '@taika/runtime/shutdown';
import type { Command } from 'commander';
import { startVendorServer } from '../server.ts';
import { vendorEnvironment, vendorSettings } from '../settings.ts';
import { runCommand, UsageError } from './run-command.ts';

/** `serve`: runs the vendor server until it is stopped. */
export function addServe(command: Command): void {
  const serve = command.command('serve').description('run the vendor server until Ctrl-C');
  for (const [name, { shape, describe, fallback }] of Object.entries(vendorSettings)) {
    serve.option(
      `${flagName(name)} <${shape.split(' ')[0]}>`,
      fallback ? `${describe} (default: ${fallback})` : describe,
    );
  }
  serve.option('--config <file>', 'JSON file with settings by their camelCase names');
  serve.action((flags: Record<string, string>) => runCommand(() => run(flags)));
}

async function run({ config, ...flags }: Record<string, string>): Promise<void> {
  const settings = readSettings(vendorSettings, {
    flags,
    environment: vendorEnvironment(process.env),
    ...(config === undefined ? {} : { file: await readConfig(config) }),
  });
  const log = createLogger({ name: 'vendor', level: settings.logLevel });
  await runUntilSignal(async () => {
    const say = (sentence: string) => console.error(sentence);
    const server = await startVendorServer({ settings, log, clock: systemClock, random: systemRandom, say });
    // One JSON line for who started us; everything else goes to standard error.
    console.log(
      JSON.stringify({
        url: server.url,
        vendorId: server.identity.vendorId,
        operatorKeyFile: server.operatorKeyFile,
      }),
    );
    return server;
  });
}

async function readConfig(file: string): Promise<Record<string, unknown>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`The settings file ${file} cannot be read: ${(error as Error).message}`);
  }
}
