import { type Currency, currencyExponent, decimalText, formatMoney, moneyScale } from '@taika/ledger/money';
import type { Day, Locale, Period } from './document.ts';

/** Whole coins for eyes: `¥13,000`, `EUR 12.50`. */
export function moneyText(amount: bigint, currency: Currency): string {
  return withCurrency(formatMoney(amount, currency), currency);
}

/** Every decimal that the books keep, zeros at the end left out beyond `decimals`: `¥12.346`. */
export function exactMoneyText(
  amount: bigint,
  currency: Currency,
  decimals = currencyExponent(currency),
): string {
  const [whole = '', fraction = ''] = decimalText(amount, moneyScale(currency)).split('.');
  const shown = fraction.replace(/0+$/, '').padEnd(decimals, '0');
  return withCurrency(shown === '' ? whole : `${whole}.${shown}`, currency);
}

/** How many decimals a column of amounts needs so that all of them are exact. */
export function decimalsOf(amounts: readonly bigint[], currency: Currency): number {
  const used = (amount: bigint) =>
    (decimalText(amount, moneyScale(currency)).split('.')[1] ?? '').replace(/0+$/, '').length;
  return amounts.reduce((most, amount) => Math.max(most, used(amount)), currencyExponent(currency));
}

/** The first and the last day, or the one. */
export function periodText({ from, to }: Period, locale: Locale): string {
  return from === to ? dayText(from, locale) : `${dayText(from, locale)} – ${dayText(to, locale)}`;
}

/** `10 %`, `7.5 %`. */
export function rateText(rateBasisPoints: number): string {
  return `${percentText(rateBasisPoints)} %`;
}

/** The rate in per cent as data: `10`, `7.5`. */
export function percentText(rateBasisPoints: number): string {
  return decimalText(BigInt(rateBasisPoints), 2).replace(/\.?0+$/, '');
}

/** A day as people write it. */
export function dayText(day: Day, locale: Locale): string {
  const [year, month, date] = day.split('-').map(Number);
  const at = new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, date));
  const style = { timeZone: 'UTC', year: 'numeric', month: 'long', day: 'numeric' } as const;
  return new Intl.DateTimeFormat(locale === 'ja' ? 'ja-JP' : 'en-GB', style).format(at);
}

/** Digits in groups of three: `12,345,678`. What is no whole number stays as it is. */
export function groupedText(text: string): string {
  return /^-?\d+$/.test(text) ? text.replace(/\B(?=(\d{3})+$)/g, ',') : text;
}

function withCurrency(text: string, currency: Currency): string {
  const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(.*)$/.exec(text) ?? [];
  const grouped = `${groupedText(whole)}${rest}`;
  return currency === 'JPY' ? `${sign}¥${grouped}` : `${sign}${currency} ${grouped}`;
}
