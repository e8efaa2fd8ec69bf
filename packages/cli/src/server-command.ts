import { readFile } from 'node:fs/promises';
import {
  flagName,
  readSettings,
  SettingsError,
  type SettingsOf,
  type SettingsTable,
} from '@taika/runtime/settings';
import type { Command } from 'commander';

/** Flags as the command-line parser gives them. */
export type ServerFlags = Readonly<Record<string, string | boolean | undefined>>;

/** A server's settings, and how its variables begin. */
export interface ServerSettings<T extends SettingsTable> {
  readonly table: T;
  readonly prefix: string;
}

/** Adds a flag for each setting, `--config` and `--json`; `said` is what the last one prints. */
export function addServerFlags(
  command: Command,
  { table, prefix }: ServerSettings<SettingsTable>,
  said = 'Say where the server listens as one JSON line on standard output.',
): Command {
  for (const [name, { describe, fallback, shape }] of Object.entries(table)) {
    const shown = fallback === undefined ? '' : ` (default: ${fallback})`;
    command.option(`${flagName(name)} <value>`, `${describe} ${shape}.${shown}`);
  }
  return command
    .option('--config <file>', `JSON file with settings by their camelCase names; flags and ${prefix}… win.`)
    .option('--json', said);
}

/** Reads the settings from flags, the environment and the `--config` file. Throws `SettingsError` for what cannot be used. */
export async function readServerSettings<T extends SettingsTable>(
  { table, prefix }: ServerSettings<T>,
  { config, ...flags }: ServerFlags,
): Promise<SettingsOf<T>> {
  const file = typeof config === 'string' ? await readConfig(config) : {};
  return readSettings(table, { flags, environment: process.env, prefix, file });
}

async function readConfig(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8');
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config === 'object' && config !== null && !Array.isArray(config)) {
      return { ...config };
    }
  } catch (cause) {
    throw new SettingsError(`${path} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
  throw new SettingsError(`${path} is no JSON object with settings.`);
}
