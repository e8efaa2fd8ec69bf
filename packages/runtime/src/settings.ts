/** One setting: how its text is read, what it is by default, and the sentence that the documentation prints. */
export interface Setting<T> {
  /** What a value looks like, for people: `integer`, `duration (90s, 15m, 2h)`. */
  readonly shape: string;
  readonly describe: string;
  /** The documented default as text; undefined when the setting has none. */
  readonly fallback: string | undefined;
  /** Throws an Error whose message completes "NAME must be …" when the text is no such value. */
  readonly parse: (text: string) => T;
  /** Never printed or logged. */
  readonly secret: boolean;
}

/**
 * The settings of a program, by their camelCase name: `databaseUrl` is `--database-url`, `databaseUrl` in a file, and
 * `TAIKA_DATABASE_URL` in the environment, or `TAIKA_VENDOR_DATABASE_URL` where the program has a prefix of its own.
 */
export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;

/** The values read for a table. */
export type SettingsOf<T extends SettingsTable> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : never;
};

/** Where values are looked for, first found first served: flags, environment, file, default. */
export interface SettingsSources {
  /** Values of flags by camelCase name, as a command-line parser gives them. */
  readonly flags?: Readonly<Record<string, string | boolean | number | undefined>>;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** How the program's variables begin, such as `TAIKA_VENDOR_`, so that two on one machine can be set apart. Default: `TAIKA_`. */
  readonly prefix?: string | undefined;
  /** A parsed JSON or YAML file. */
  readonly file?: Readonly<Record<string, unknown>>;
}

/** A setting that cannot be used; the message says which, where it came from, and what was expected. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly code = 'settings';
  readonly fault = 'caller';
  readonly remedy = 'Correct the setting; `--help` lists all of them.';
}

/** Reads every setting of the table. Throws SettingsError for a value that cannot be read, and for an unknown name in the file. */
export function readSettings<T extends SettingsTable>(table: T, sources: SettingsSources): SettingsOf<T> {
  for (const name of Object.keys(sources.file ?? {})) {
    if (!Object.hasOwn(table, name)) {
      throw new SettingsError(`The settings file has "${name}", which is no setting of this program.`);
    }
  }
  const values = Object.entries(table).map(([name, setting]) => [name, readSetting(name, setting, sources)]);
  return Object.fromEntries(values) as SettingsOf<T>;
}

/** The flag of a setting: `databaseUrl` → `--database-url`. */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The environment variable of a setting: `databaseUrl` → `TAIKA_DATABASE_URL`. */
export function variableName(name: string, prefix = defaultPrefix): string {
  return `${prefix}${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The table as a Markdown table, for the documentation. */
export function describeSettings(table: SettingsTable, prefix = defaultPrefix): string {
  const rows = Object.entries(table).map(([name, { shape, describe, fallback }]) => {
    const shown = fallback === undefined ? '(none)' : fallback === '' ? '(empty)' : `\`${fallback}\``;
    return `| \`${flagName(name)}\` | \`${variableName(name, prefix)}\` | ${shape} | ${shown} | ${describe} |`;
  });
  return [
    '| flag | variable | value | default | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

const defaultPrefix = 'TAIKA_';

function readSetting(name: string, setting: Setting<unknown>, sources: SettingsSources): unknown {
  const variable = variableName(name, sources.prefix);
  const candidates: [unknown, string][] = [
    [sources.flags?.[name], flagName(name)],
    [sources.environment?.[variable], variable],
    [sources.file?.[name], `"${name}" in the settings file`],
    [setting.fallback, `the default of ${flagName(name)}`],
  ];
  const found = candidates.find(([value]) => value !== undefined);
  if (found === undefined) {
    return undefined;
  }
  const [value, origin] = found;
  try {
    return setting.parse(String(value));
  } catch (error) {
    const shown = setting.secret ? 'the value given' : JSON.stringify(String(value));
    throw new SettingsError(`${origin} must be ${(error as Error).message}, not ${shown}.`, { cause: error });
  }
}
