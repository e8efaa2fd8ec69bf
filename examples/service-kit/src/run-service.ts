import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runUntilSignal } from '@taika/runtime/shutdown';

/** What a sample service is started with. */
export interface StartOptions {
  readonly vendorUrl: string;
  readonly serviceKey: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly host?: string;
}

/** A running sample service. */
export interface RunningService extends AsyncDisposable {
  readonly url: string;
}

/** Runs a sample service from its command line until Ctrl-C: `--vendor URL --service-key-file F --port N`. */
export async function runService(
  name: string,
  defaultPort: number,
  start: (options: StartOptions) => Promise<RunningService>,
): Promise<void> {
  const usage = `Usage: node examples/${name}/src/main.ts --vendor URL --service-key-file FILE [--port ${defaultPort}] [--host 127.0.0.1]`;
  let options: StartOptions;
  try {
    options = await readOptions(defaultPort);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exitCode = 2;
    return;
  }
  await runUntilSignal(async () => {
    const service = await start(options);
    console.log(`${name}: ${service.url}`);
    return service;
  });
}

async function readOptions(defaultPort: number): Promise<StartOptions> {
  const { values } = parseArgs({
    options: {
      vendor: { type: 'string' },
      'service-key-file': { type: 'string' },
      port: { type: 'string', default: String(defaultPort) },
      host: { type: 'string', default: '127.0.0.1' },
    },
  });
  const { vendor, 'service-key-file': keyFile, port, host } = values;
  if (vendor === undefined || keyFile === undefined) {
    throw new Error('A service needs --vendor and --service-key-file.');
  }
  if (!/^\d{1,5}$/.test(port)) {
    throw new Error(`--port must be a port, not "${port}".`);
  }
  return {
    vendorUrl: vendor,
    serviceKey: (await readFile(keyFile, 'utf8')).trim(),
    port: Number(port),
    host,
  };
}
