import { CommandError } from '@taika/cli/command-error';
import { parseMoney as parseMoneyAmount } from '@taika/ledger/money';
import { parsePoints } from '@taika/ledger/points';
import type { MoneyText } from '@taika/protocol/schema';

/** A flag that cannot be used as it was given. */
export function misused(sentence: string, remedy: string, cause?: unknown): CommandError {
  return new CommandError(sentence, { code: 'usage', remedy, cause });
}

/** Reads money as people type it: `500 JPY`, `12.50 USD`. */
export function parseMoney(text: string, flag: string): MoneyText {
  const [, amount = '', currency = ''] = /^\s*([\d.]+)\s*([A-Z]{3})\s*$/.exec(text) ?? [];
  try {
    return { currency, amountMilli: String(parseMoneyAmount(amount, currency)) };
  } catch (cause) {
    throw misused(`${flag} is "${text}".`, 'Give an amount and a currency, such as "500 JPY".', cause);
  }
}

/** Reads points as people type them: `12`, `0.5`; gives thousandths as text. */
export function parsePointsText(text: string, flag: string): string {
  try {
    const points = parsePoints(text);
    if (points < 0n) {
      throw new RangeError('below zero');
    }
    return String(points);
  } catch (cause) {
    throw misused(`${flag} is "${text}".`, 'Give a number of points, such as 12 or 0.5.', cause);
  }
}

/** Reads a whole number above zero. */
export function parseCount(text: string, flag: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    throw misused(`${flag} is "${text}".`, 'Give a whole number above zero.');
  }
  return Number(text);
}
