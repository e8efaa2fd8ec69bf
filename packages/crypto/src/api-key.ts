import type { Random } from '@taika/runtime/random';
import { checkSymbol, isBase32, randomSymbols } from './base32.ts';
import { sha256Hex } from './digest.ts';

/** A new API key. Only `id` and `hash` are stored; `key` is shown once. */
export interface ApiKey {
  /** `taika_customer_<id>_<secret>`; the prefix lets scanners find leaked keys. */
  readonly key: string;
  /** Public: finds the row, names the key in lists. Ten symbols. */
  readonly id: string;
  /** SHA-256 of the key, hexadecimal. Enough, because the secret has 160 random bits. */
  readonly hash: string;
}

/** Makes an API key for a kind of party (`customer`, `operator`). */
export async function createApiKey(prefix: string, random: Random): Promise<ApiKey> {
  const id = randomSymbols(idSymbols, random);
  const secret = randomSymbols(secretSymbols, random);
  const key = `taika_${prefix}_${id}_${secret}${checkSymbol(id + secret)}`;
  return { key, id, hash: await apiKeyHash(key) };
}

/** What a presented API key turned out to be. */
export type ParsedApiKey =
  | { readonly kind: 'key'; readonly prefix: string; readonly id: string; readonly key: string }
  /** It is no API key of ours. */
  | { readonly kind: 'malformed' }
  /** It is one of ours with a wrong symbol, or cut short. */
  | { readonly kind: 'mistyped' };

/** Reads an API key without any look-up. */
export function parseApiKey(text: string): ParsedApiKey {
  const match = /^taika_([a-z]{1,20})_([0-9A-Z]{1,80})_([0-9A-Z]{1,80})$/.exec(text.trim());
  if (match === null) {
    return { kind: 'malformed' };
  }
  const [key, prefix = '', id = '', tail = ''] = match;
  const symbols = id + tail.slice(0, -1);
  const isWhole = id.length === idSymbols && tail.length === secretSymbols + 1 && isBase32(id + tail);
  if (!isWhole || checkSymbol(symbols) !== tail.slice(-1)) {
    return { kind: 'mistyped' };
  }
  return { kind: 'key', prefix, id, key };
}

/** What a database stores of a key: SHA-256, hexadecimal. */
export function apiKeyHash(key: string): Promise<string> {
  return sha256Hex(key);
}

const idSymbols = 10;
const secretSymbols = 32;
