import { currencyExponent, decimalText, MONEY_EXTRA_SCALE } from '@taika/ledger/money';
import type { MoneyText } from '@taika/protocol/schema';
import type { Language } from './language.ts';

/** Money as people of a language write it: `¥1,200`, `￥1,200`. */
export function moneyText({ currency, amountMilli }: MoneyText, language: Language): string {
  const amount = decimalText(BigInt(amountMilli), currencyExponent(currency) + MONEY_EXTRA_SCALE);
  // The sum travels as text, so no digit is lost on the way through a number.
  const format = new Intl.NumberFormat(language, { style: 'currency', currency });
  return format.format(amount as unknown as number);
}

/** Points as people write them: `1,234.5`. */
export function pointsText(milli: string, language: Language): string {
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
  return format.format(decimalText(BigInt(milli), 3) as unknown as number);
}
