import { currencyExponent, decimalText, MONEY_EXTRA_SCALE } from '@taika/ledger/money';
import type { MoneyText } from '@taika/protocol/schema';

/** Prints JSON for programs, or a table for people. */
export function print(json: boolean | undefined, value: unknown, table: () => string): void {
  console.log(json === true ? JSON.stringify(value) : table());
}

/** Rows as columns, as wide as their longest cell. */
export function tableText(header: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) {
    return '(none)';
  }
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Money for people: `1,234 JPY`, `12.50 USD`; a fraction of the smallest coin is shown where there is one. */
export function moneyText({ currency, amountMilli }: MoneyText): string {
  const exponent = currencyExponent(currency);
  const [whole = '', fraction = ''] = decimalText(BigInt(amountMilli), exponent + MONEY_EXTRA_SCALE).split(
    '.',
  );
  const shown = fraction.slice(0, exponent) + fraction.slice(exponent).replace(/0+$/, '');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${shown === '' ? grouped : `${grouped}.${shown}`} ${currency}`;
}

/** Points for people: `12.5`. */
export function pointsText(milli: string): string {
  return decimalText(BigInt(milli), 3).replace(/\.?0+$/, '');
}

/** Columns that a text takes on a terminal: East Asian wide letters take two. */
function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) {
    width +=
      /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/u.test(
        letter,
      )
        ? 2
        : 1;
  }
  return width;
}
