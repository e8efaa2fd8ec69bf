import { addDocumentSearch, type DocumentSearchFlags, documentSearchOf } from '@taika/cli/document-flags';
import { addOperatorFlags, dispatchServer } from '@taika/cli/operator-caller';
import { readDay, readMonth } from '@taika/cli/read-day';
import { runAction } from '@taika/cli/run-action';
import type { Command } from 'commander';
import { claims, dispute, paid, prepareClaims, settle } from './claims.ts';
import { type BookFlags, type BooksCaller, connectBooks } from './connect-books.ts';
import { accountStatement, close, closings, exportCsv, trialBalance, verify } from './ledger.ts';
import { acceptDifference, reconcile, statements } from './statements.ts';

type Flags = BookFlags & DocumentSearchFlags & Readonly<Record<string, string | boolean | undefined>>;
type Step = (books: BooksCaller, given: { argument: string; flags: Flags; json: boolean }) => Promise<void>;

/** Adds what an operator does with the books (`taika books`), the contractor's or a vendor's. */
export function registerBookCommands(command: Command): void {
  const define = (name: string, description: string, step: Step): Command =>
    addOperatorFlags(
      command
        .command(name)
        .description(description)
        .option('--at <dispatch|vendor>', 'Whose books. Default: whose operator’s key the profile has.'),
      dispatchServer,
    ).action((...given: unknown[]) => {
      const argument = typeof given[0] === 'string' ? given[0] : '';
      // Commander hands over the arguments, the flags and the command; an optional argument that is left out is undefined.
      const flags = given.at(-2) as Flags;
      const json = flags.json === true;
      return runAction(json, async () => step(await connectBooks(flags), { argument, flags, json }));
    });
  const text = (value: string | boolean | undefined) => (typeof value === 'string' ? value : undefined);
  const day = (flags: Flags, name: string) => {
    const given = text(flags[name]);
    return given === undefined ? undefined : readDay(given, `--${name}`);
  };

  define('trial-balance', 'Every account, and whatever is wrong in the books.', (books, { flags, json }) =>
    trialBalance(books, {
      json,
      month: typeof flags.month === 'string' ? readMonth(flags.month, '--month') : undefined,
    }),
  ).option('--month <yyyy-mm>', 'At the end of a closed month, in place of now.');
  define('statement <account>', 'One account: each posting, and the balance after it.', (books, given) => {
    const { argument: account, flags, json } = given;
    return accountStatement(books, {
      account,
      commodity: text(flags.commodity),
      from: day(flags, 'from'),
      to: day(flags, 'to'),
      json,
    });
  })
    .option('--from <day>', 'From this day on, yyyy-mm-dd, UTC.')
    .option('--to <day>', 'Up to this day.')
    .option('--commodity <code>', 'PTS or a currency, where the account is kept in several.');
  define(
    'reconcile',
    'Exchange statements with the other company, and tell every event that the books do not tell alike.',
    (books, { flags, json }) => reconcile(books, { counterparty: text(flags.counterparty), json }),
  ).option('--counterparty <id>', 'A vendor’s id, or contractor. Default: all.');
  define(
    'accept-difference [event]',
    'Let a difference of the books stand for good: it hinders no closing any more. Without an event all alerts with a company.',
    (books, { argument, flags, json }) =>
      acceptDifference(books, {
        event: argument === '' ? undefined : argument,
        counterparty: text(flags.counterparty),
        reason: text(flags.reason) ?? '',
        json,
      }),
  )
    .requiredOption('--reason <text>', 'Why, for whoever audits the books.')
    .option('--counterparty <id>', 'A vendor’s id, or contractor.');
  const statementCommand = define(
    'statements',
    'What was stated to whom; with --day one of ours as a file.',
    (books, { flags, json }) =>
      statements(books, {
        search: documentSearchOf(flags),
        number: text(flags.number),
        day: day(flags, 'day'),
        counterparty: text(flags.counterparty),
        output: text(flags.output),
        lang: text(flags.lang),
        json,
      }),
  );
  addDocumentSearch(statementCommand)
    .option('--number <number>', 'Those of this number, such as STM-2026-11-25.')
    .option('--counterparty <id>', 'A vendor’s id, or contractor. Default: all; with --day the contractor.')
    .option('--day <day>', 'Write our statement of this day, yyyy-mm-dd.')
    .option('-o, --output <file>', '.pdf, .csv or .json. Default: STM-DAY.pdf.')
    .option('--lang <ja|en>', 'Language of labels. Default: as LC_ALL, LC_MESSAGES or LANG says.');
  const claimCommand = define(
    'claims',
    'Self-billed claims: one a vendor and month.',
    (books, { flags, json }) =>
      claims(books, {
        search: documentSearchOf(flags),
        counterparty: text(flags.counterparty),
        number: text(flags.number),
        output: text(flags.output),
        lang: text(flags.lang),
        json,
      }),
  );
  addDocumentSearch(claimCommand)
    .option('--counterparty <vendor>', 'At the contractor: part of the vendor’s name, or its id.')
    .option('--number <number>', 'The lines of one.')
    .option('-o, --output <file>', 'With --number: write it as .pdf, .xml, .csv or .json.')
    .option('--lang <ja|en>', 'Language of labels. Default: as LC_ALL, LC_MESSAGES or LANG says.');
  define('prepare-claims <vendor>', 'Prepare a vendor’s claim now.', (books, { argument, flags, json }) =>
    prepareClaims(books, { vendor: argument, to: day(flags, 'to') ?? '', json }),
  ).requiredOption('--to <day>', 'The last day whose events it takes, yyyy-mm-dd.');
  define('dispute <event>', 'At a vendor: dispute an event.', (books, { argument, flags, json }) =>
    dispute(books, { event: argument, reason: text(flags.reason) ?? '', json }),
  ).requiredOption('--reason <text>', 'Why; the contractor reads it.');
  define(
    'settle <event>',
    'At the contractor: end a dispute as agreed.',
    (books, { argument, flags, json }) =>
      settle(books, {
        event: argument,
        outcome: text(flags.outcome),
        reason: text(flags.reason) ?? '',
        json,
      }),
  )
    .requiredOption('--outcome <confirmed|cancelled>', 'The amount stands, or a license fee is not owed.')
    .requiredOption('--reason <text>', 'What was agreed.');
  define('paid <amount>', 'Record a payment between the companies, such as "500 JPY".', (books, given) =>
    paid(books, {
      amount: given.argument,
      vendor: text(given.flags.vendor),
      reference: text(given.flags.reference) ?? '',
      id: text(given.flags.id),
      json: given.json,
    }),
  )
    .option('--vendor <id>', 'At the contractor: the vendor that was paid.')
    .requiredOption(
      '--reference <text>',
      'The bank’s reference, the same at both companies. The same amount and reference again is the same payment.',
    )
    .option(
      '--id <uuid>',
      'For another payment of the same amount and reference; the same at both companies.',
    );
  define('verify', 'Walk the hash chain; names the first broken row.', (books, { json }) =>
    verify(books, { json }),
  );
  define(
    'close-month <month>',
    'Close a month, yyyy-mm: nothing is booked into it any more.',
    (books, given) => close(books, { month: readMonth(given.argument, 'the month'), json: given.json }),
  );
  define('closings', 'Months that were closed.', (books, { json }) => closings(books, { json }));
  define('export', 'Every posting as CSV, for another accounting system.', (books, { flags }) =>
    exportCsv(books, { from: day(flags, 'from'), to: day(flags, 'to'), output: text(flags.output) }),
  )
    .option('--from <day>', 'From this day on, yyyy-mm-dd, UTC.')
    .option('--to <day>', 'Up to this day.')
    .option('-o, --output <file>', 'Default: standard output.');
}
