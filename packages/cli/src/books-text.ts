import { amountText } from './amounts.ts';
import { table } from './table.ts';

/** A trial balance as the servers tell it. */
export interface Books {
  readonly accounts: readonly {
    readonly account: string;
    readonly commodity: string;
    readonly debit: string;
    readonly credit: string;
  }[];
  readonly defects: readonly { readonly name: string; readonly detail: string }[];
}

/** The trial balance, and below it whatever is wrong in the books. */
export function booksText({ accounts, defects }: Books): string {
  const amount = (commodity: string, text: string) => (text === '0' ? '' : amountText(commodity, text));
  const balance = table(accounts, [
    { heading: 'account', text: ({ account }) => account },
    { heading: 'debit', text: ({ commodity, debit }) => amount(commodity, debit), right: true },
    { heading: 'credit', text: ({ commodity, credit }) => amount(commodity, credit), right: true },
  ]);
  const verdict =
    defects.length === 0
      ? ['Nothing is wrong in the books.']
      : ['WRONG in the books:', ...defects.map(({ name, detail }) => `  ${name}: ${detail}`)];
  return [balance, '', ...verdict].join('\n');
}
