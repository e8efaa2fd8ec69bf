import { parseMoney as parseMoneyAmount } from '@taika/ledger/money';
import { parsePoints } from '@taika/ledger/points';
import type { MoneyText } from '@taika/protocol/schema';
import { UsageError } from './run-command.ts';

/** Reads money as people type it: `500 JPY`, `12.50 USD`. */
export function parseMoney(text: string, flag: string): MoneyText {
  const [, amount = '', currency = ''] = /^\s*([\d.]+)\s*([A-Z]{3})\s*$/.exec(text) ?? [];
  try {
    return { currency, amountMilli: String(parseMoneyAmount(amount, currency)) };
  } catch (error) {
    throw new UsageError(`${flag} must be an amount and a currency, such as "500 JPY", not "${text}".`, {
      cause: error,
    });
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
  } catch (error) {
    throw new UsageError(`${flag} must be a number of points, such as 12 or 0.5, not "${text}".`, {
      cause: error,
    });
  }
}
