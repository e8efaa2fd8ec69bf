import { writeFile } from 'node:fs/promises';
import { moneyText } from '@taika/cli/amounts';
import { type DocumentSearchText, documentFormatOf, documentLanguageOf } from '@taika/cli/document-flags';
import { table } from '@taika/cli/table';
import {
  acceptDifferences,
  type DifferenceText,
  listStatements,
  readReconciliation,
  readStatementFile,
  reconcileNow,
} from '@taika/protocol/books';
import type { BooksCaller } from './connect-books.ts';

/** `reconcile`: exchanges what is to be exchanged and tells every difference. Exit code 1 when one is an alert. */
export async function reconcile(
  { caller }: BooksCaller,
  { counterparty, json }: { readonly counterparty: string | undefined; readonly json: boolean },
): Promise<void> {
  const all = await caller.call(reconcileNow);
  const found =
    counterparty === undefined ? all : await caller.call(readReconciliation, { query: { counterparty } });
  if (found.alerts.length > 0) {
    process.exitCode = 1;
  }
  if (json) {
    console.log(JSON.stringify(found));
    return;
  }
  console.log(`${found.matched} events are told alike by both books.`);
  if (found.differences.length > 0) {
    console.log(differencesText(found.differences));
  }
  console.log(
    found.alerts.length > 0
      ? `ALERT: ${found.alerts.length} events are unmatched for more than three days. docs/LEDGER.md says what to do; what is to stay so: taika books accept-difference EVENT --reason TEXT`
      : 'Nothing is unmatched for more than three days.',
  );
}

/** `accept-difference`: lets a difference stand, or all alerts with a company. */
export async function acceptDifference(
  { caller }: BooksCaller,
  wanted: {
    readonly event: string | undefined;
    readonly counterparty: string | undefined;
    readonly reason: string;
    readonly json: boolean;
  },
): Promise<void> {
  const { event, counterparty, reason, json } = wanted;
  const { accepted } = await caller.call(acceptDifferences, {
    body: {
      reason,
      ...(event === undefined ? {} : { event }),
      ...(counterparty === undefined ? {} : { counterparty }),
    },
  });
  if (json) {
    console.log(JSON.stringify({ accepted }));
    return;
  }
  console.log(
    accepted.length === 0
      ? 'No event is an alert there: nothing was to be let stand.'
      : `${differencesText(accepted)}\nLet stand: they are still listed, and hinder no closing. With other amounts they are differences anew.`,
  );
}

/** `statements`: what was stated; with a day, our statement of it as a file. */
export async function statements(
  { caller }: BooksCaller,
  wanted: {
    readonly search: DocumentSearchText;
    readonly number: string | undefined;
    readonly day: string | undefined;
    readonly counterparty: string | undefined;
    readonly output: string | undefined;
    readonly lang: string | undefined;
    readonly json: boolean;
  },
): Promise<void> {
  const { search, number, day, counterparty, output, lang, json } = wanted;
  if (day !== undefined) {
    const to = counterparty ?? 'contractor';
    const file = output ?? `STM-${day}.pdf`;
    const query = { counterparty: to, lang: documentLanguageOf(lang) };
    const params = { day, format: documentFormatOf(file, ['pdf', 'csv', 'json']) };
    const response = await caller.open(readStatementFile, { params, query });
    await writeFile(file, new Uint8Array(await response.arrayBuffer()));
    console.log(json ? JSON.stringify({ file }) : `Written: ${file}`);
    return;
  }
  const { items } = await caller.call(listStatements, {
    query: {
      ...search,
      ...(number === undefined ? {} : { number }),
      ...(counterparty === undefined ? {} : { counterparty }),
    },
  });
  if (json) {
    console.log(JSON.stringify(items));
  } else if (items.length === 0) {
    console.log('Nothing that was stated is found here. A day is stated an hour after its end, in UTC.');
  } else {
    console.log(
      table(items, [
        { heading: 'number', text: (item) => item.number },
        { heading: 'day', text: (item) => item.day },
        { heading: 'with', text: (item) => item.counterparty },
        { heading: 'issuer', text: ({ issuer }) => issuer },
        { heading: 'events', text: ({ lines }) => lines, right: true },
        { heading: 'total', text: ({ total }) => (total === undefined ? '' : moneyText(total)), right: true },
        { heading: 'stored', text: ({ storedAt }) => storedAt.slice(0, 19).replace('T', ' ') },
      ]),
    );
  }
}

function differencesText(differences: readonly DifferenceText[]): string {
  const amount = (currency: string, amountMilli: string | undefined) =>
    amountMilli === undefined ? 'none' : moneyText({ currency, amountMilli });
  return table(differences, [
    { heading: 'on', text: ({ on }) => on },
    { heading: 'with', text: ({ counterparty }) => counterparty },
    { heading: 'event', text: ({ event }) => event },
    { heading: 'ours', text: ({ currency, ours }) => amount(currency, ours), right: true },
    { heading: 'theirs', text: ({ currency, theirs }) => amount(currency, theirs), right: true },
    { heading: 'state', text: ({ state, isAlert }) => (isAlert ? `${state} !` : state) },
    {
      heading: 'why',
      text: ({ reason, acceptedFor }) => (acceptedFor === undefined ? reason : `Let stand: ${acceptedFor}`),
    },
  ]);
}
