import type { Random } from '@taika/runtime/random';

/** Crockford's alphabet: no I, L, O or U, so that it can be read aloud and typed from paper. */
export const base32Alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** `length` random symbols of five bits each. */
export function randomSymbols(length: number, random: Random): string {
  return Array.from(random.bytes(length), (byte) => base32Alphabet.charAt(byte & 31)).join('');
}

/**
 * The check symbol of `symbols`: their sum over GF(32), each weighted by another power of a generator. It tells every single
 * wrong symbol and every swap of two neighbours. Crockford's own modulo-37 symbol does the same but needs `*~$=U`.
 */
export function checkSymbol(symbols: string): string {
  let sum = 0;
  for (const symbol of symbols) {
    // Horner's rule: the first symbol gets the highest power; one more doubling keeps the last one's weight from being 1,
    // so that it cannot be swapped with the check symbol either.
    sum = double(sum) ^ base32Alphabet.indexOf(symbol);
  }
  return base32Alphabet.charAt(double(sum));
}

/** What a person may have typed, in the one spelling: upper case, O and o as 0, I and L as 1, no spaces and hyphens. */
export function normaliseSymbols(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[\s\u2010-\u2015\u2212\u30FC_-]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
}

/** Whether every character is one of the alphabet. */
export function isBase32(text: string): boolean {
  return /^[0-9A-HJKMNP-TV-Z]*$/.test(text);
}

/** Multiplies by x in GF(32) modulo x⁵ + x² + 1, which is primitive. */
function double(element: number): number {
  const shifted = element << 1;
  return shifted & 32 ? shifted ^ 0b100101 : shifted;
}
