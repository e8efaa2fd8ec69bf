import { isUuid } from './identifiers.ts';
import type { Setting } from './settings.ts';

/** Any text. */
export function textSetting(describe: string, fallback: string): Setting<string> {
  return { shape: 'text', describe, fallback, parse: (text) => text, secret: false };
}

/** Text that must not be shown. Undefined when it is not given. */
export function secretSetting(describe: string): Setting<string | undefined> {
  return { shape: 'text (secret)', describe, fallback: undefined, parse: (text) => text, secret: true };
}

/** Text that may be absent. */
export function optionalSetting(describe: string): Setting<string | undefined> {
  return { shape: 'text', describe, fallback: undefined, parse: (text) => text, secret: false };
}

/** Text of one form that may be absent; `expected` says the form. */
export function optionalPatternSetting(
  describe: string,
  { pattern, expected }: { readonly pattern: RegExp; readonly expected: string },
): Setting<string | undefined> {
  const parse = (text: string) => {
    if (!pattern.test(text)) {
      throw new Error(expected);
    }
    return text;
  };
  return { ...optionalSetting(describe), parse };
}

/** Text of one form. */
export function patternSetting(
  describe: string,
  fallback: string,
  { pattern, expected }: { readonly pattern: RegExp; readonly expected: string },
): Setting<string> {
  const parse = (text: string) => {
    if (!pattern.test(text)) {
      throw new Error(expected);
    }
    return text;
  };
  return { ...textSetting(describe, fallback), parse };
}

/** An identifier that may be absent. */
export function optionalIdSetting(describe: string): Setting<string | undefined> {
  const parse = (text: string) => {
    if (!isUuid(text)) {
      throw new Error('a UUID');
    }
    return text;
  };
  return { ...optionalSetting(describe), parse };
}

/** An integer within bounds, both included. */
export function integerSetting(
  describe: string,
  fallback: number,
  { min = 0, max = Number.MAX_SAFE_INTEGER } = {},
): Setting<number> {
  return {
    shape: 'integer',
    describe,
    fallback: String(fallback),
    parse: (text) => within(text, min, max, `an integer from ${min} to ${max}`),
    secret: false,
  };
}

/** A TCP port; 0 means any free one. */
export function portSetting(describe: string, fallback: number): Setting<number> {
  return { ...integerSetting(describe, fallback, { max: 65_535 }), shape: 'port' };
}

/** `true` or `false` (also `1`/`0`, `yes`/`no`). */
export function booleanSetting(describe: string, fallback: boolean): Setting<boolean> {
  return { shape: 'true or false', describe, fallback: String(fallback), parse: parseBoolean, secret: false };
}

/** One of a few words. */
export function choiceSetting<const C extends string>(
  describe: string,
  fallback: C,
  choices: readonly C[],
): Setting<C> {
  const parse = (text: string) => {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) {
      throw new Error(`one of ${choices.join(', ')}`);
    }
    return found;
  };
  return { shape: choices.join(' or '), describe, fallback, parse, secret: false };
}

/** A duration such as `500ms`, `90s`, `15m`, `2h` or `30d`; read as milliseconds. */
export function durationSetting(describe: string, fallback: string): Setting<number> {
  return {
    shape: 'duration',
    describe,
    fallback,
    parse: (text) => scaled(text, durationUnits, 'a duration such as 500ms, 90s, 15m, 2h or 30d'),
    secret: false,
  };
}

/** A size such as `4096`, `64KiB`, `16MiB` or `2GiB`; read as bytes. */
export function bytesSetting(describe: string, fallback: string): Setting<number> {
  return {
    shape: 'size',
    describe,
    fallback,
    parse: (text) => scaled(text, byteUnits, 'a size such as 4096, 64KiB, 16MiB or 2GiB'),
    secret: false,
  };
}

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

function scaled(text: string, units: Readonly<Record<string, number>>, expected: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim());
  const unit = Object.hasOwn(units, match?.[2] ?? '') ? units[match?.[2] ?? ''] : undefined;
  if (match === null || unit === undefined) {
    throw new Error(expected);
  }
  return Math.round(Number(match[1]) * unit);
}

function within(text: string, min: number, max: number, expected: string): number {
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new Error(expected);
  }
  return value;
}

function parseBoolean(text: string): boolean {
  if (['true', '1', 'yes'].includes(text)) {
    return true;
  }
  if (['false', '0', 'no'].includes(text)) {
    return false;
  }
  throw new Error('true or false');
}
