import { parseMoney } from '@taika/ledger/money';
import { parsePoints } from '@taika/ledger/points';
import type { MoneyText } from '@taika/protocol/schema';
import { CommandError } from './command-error.ts';

/** A flag that cannot be used as it was given. */
export function misused(sentence: string, remedy: string, cause?: unknown): CommandError {
  return new CommandError(sentence, { code: 'usage', remedy, cause });
}

/** Reads money as people type it: `500 JPY`, `12.50 USD`. */
export function readMoney(text: string, flag: string): MoneyText {
  const [, amount = '', currency = ''] = /^\s*([\d.]+)\s*([A-Z]{3})\s*$/.exec(text) ?? [];
  return readMoneyIn({ amount, currency }, flag, text);
}

/** Reads an amount where the currency is known or has a flag of its own. */
export function readMoneyIn(
  { amount, currency }: { readonly amount: string; readonly currency: string },
  flag: string,
  shown = `${amount} ${currency}`,
): MoneyText {
  const amountMilli = read(shown, flag, 'Give an amount and a currency, such as 500 JPY or 12.5 EUR.', () =>
    parseMoney(amount, currency),
  );
  return { currency, amountMilli: String(amountMilli) };
}

/** Reads a decimal number that is not below zero with at most three decimals, such as points; gives thousandths. */
export function readThousandths(text: string, flag: string): bigint {
  return read(text, flag, 'Give a number such as 12 or 0.5.', () => {
    const thousandths = parsePoints(text);
    if (thousandths < 0n) throw new RangeError('below zero');
    return thousandths;
  });
}

/** Reads a whole number above zero of at most `digitsMax` digits. */
export function readCount(text: string, flag: string, digitsMax = 6): bigint {
  return read(text, flag, 'Give a whole number above zero.', () => {
    if (!/^[1-9]\d*$/.test(text) || text.length > digitsMax) throw new RangeError('no count');
    return BigInt(text);
  });
}

function read<T>(text: string, flag: string, remedy: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw misused(`${flag} is "${text}".`, remedy, cause);
  }
}
