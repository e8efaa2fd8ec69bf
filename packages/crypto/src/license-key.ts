import type { Random } from '@taika/runtime/random';
import { base32Alphabet, checkSymbol, isBase32, normaliseSymbols, randomSymbols } from './base32.ts';
import { hmacSha256, toHex } from './digest.ts';

/** Makes a license key: 120 random bits and a check symbol, in five groups of five (`XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`). */
export function createLicenseKey(random: Random): string {
  const symbols = randomSymbols(randomSymbolCount, random);
  return group(symbols + checkSymbol(symbols));
}

/** What a typed license key turned out to be. */
export type ParsedLicenseKey =
  | { readonly kind: 'key'; readonly key: string }
  /** It has the wrong length or symbols that no key has. */
  | { readonly kind: 'malformed' }
  /** It looks like a key, but its check symbol does not fit: some symbol was mistyped. */
  | { readonly kind: 'mistyped' };

/** Reads a key as people type it, in any case, with or without hyphens and spaces, O for 0, I and L for 1. */
export function parseLicenseKey(text: string): ParsedLicenseKey {
  const symbols = normaliseSymbols(text.slice(0, typedCharactersMax));
  if (symbols.length !== randomSymbolCount + 1 || !isBase32(symbols)) {
    return { kind: 'malformed' };
  }
  if (checkSymbol(symbols.slice(0, -1)) !== symbols.slice(-1)) {
    return { kind: 'mistyped' };
  }
  return { kind: 'key', key: group(symbols) };
}

/** What a database stores instead of the key: HMAC-SHA-256 under the vendor's secret, hexadecimal. */
export async function licenseKeyHash(key: string, secret: Uint8Array | string): Promise<string> {
  return toHex(await hmacSha256(secret, normaliseSymbols(key)));
}

/** The last five symbols, by which a member recognises a key of theirs. Leaves 100 secret bits. */
export function licenseKeyHint(key: string): string {
  return normaliseSymbols(key).slice(-5);
}

const randomSymbolCount = 120 / Math.log2(base32Alphabet.length);
/** Typed keys may carry spaces and hyphens, but not endlessly many. */
const typedCharactersMax = 100;

function group(symbols: string): string {
  return (symbols.match(/.{5}/g) ?? []).join('-');
}
