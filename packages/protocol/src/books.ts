import { type Static, Type } from 'typebox';
import { DocumentFormat, DocumentQuery, LanguageQuery } from './documents.ts';
import { defineRoute } from './route.ts';
import { Day, Instant, IntegerText, Money, Month, PageQuery, Sha256Hex } from './schema.ts';

/** Routes about a company's own ledger. Both servers have them, for their operators. */

const Commodity = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 currency, or PTS for points' });
const ChainHead = Type.Object({ position: IntegerText, hash: Sha256Hex });
const Balance = Type.Object({
  account: Type.String(),
  commodity: Type.String(),
  debit: IntegerText,
  credit: IntegerText,
});

export const readAccount = defineRoute({
  name: 'readAccount',
  method: 'GET',
  path: '/v1/books/accounts/:account',
  access: ['operator'],
  summary: 'The statement of one account: its balance at the beginning of a span of days, and each posting.',
  params: Type.Object({ account: Type.String({ maxLength: 200 }) }),
  query: Type.Object({
    ...PageQuery.properties,
    commodity: Type.Optional(Commodity),
    from: Type.Optional(Day),
    to: Type.Optional(Day),
  }),
  reply: Type.Object({
    account: Type.String(),
    commodity: Type.String(),
    side: Type.Union([Type.Literal('debit'), Type.Literal('credit')]),
    opening: IntegerText,
    entries: Type.Array(
      Type.Object({
        journal: IntegerText,
        at: Instant,
        event: Type.String(),
        key: Type.String(),
        change: IntegerText,
      }),
    ),
    next: Type.Optional(Type.String()),
  }),
});

export const verifyBooks = defineRoute({
  name: 'verifyBooks',
  method: 'POST',
  path: '/v1/books/verification',
  access: ['operator'],
  summary:
    'Seal what waits, walk the whole chain, and compare it with every head that was kept: by closings and by others. Names the first broken row.',
  reply: Type.Object({
    verdict: Type.Union([Type.Literal('intact'), Type.Literal('broken')]),
    /** Where an intact chain ends. */
    head: Type.Optional(ChainHead),
    /** Heads that somebody kept and that were compared. */
    witnesses: Type.Integer(),
    /** Others who say that they kept another head at a place, which this company's statements to them never gave. */
    disputed: Type.Optional(
      Type.Array(Type.Object({ counterparty: Type.String(), day: Day, position: IntegerText })),
    ),
    broken: Type.Optional(
      Type.Object({
        position: IntegerText,
        command: Type.Optional(IntegerText),
        problem: Type.String(),
      }),
    ),
  }),
});

export const Closing = Type.Object({
  month: Month,
  journals: IntegerText,
  head: ChainHead,
  closedAt: Instant,
});
export type ClosingText = Static<typeof Closing>;

export const listClosings = defineRoute({
  name: 'listClosings',
  method: 'GET',
  path: '/v1/books/closings',
  access: ['operator'],
  summary: 'Months that were closed, the last first.',
  reply: Type.Object({ items: Type.Array(Closing) }),
});

export const readClosing = defineRoute({
  name: 'readClosing',
  method: 'GET',
  path: '/v1/books/closings/:month',
  access: ['operator'],
  summary: 'The trial balance at the end of a closed month.',
  params: Type.Object({ month: Month }),
  reply: Type.Object({ closing: Closing, accounts: Type.Array(Balance) }),
});

export const closeMonth = defineRoute({
  name: 'closeMonth',
  method: 'PUT',
  path: '/v1/books/closings/:month',
  access: ['operator'],
  summary:
    'Close a month: nothing is booked into it any more. Refused while anything in the books is wrong, the chain is broken, or something is unmatched with another company for more than three days.',
  params: Type.Object({ month: Month }),
  reply: Closing,
});

export const exportJournal = defineRoute({
  name: 'exportJournal',
  method: 'GET',
  path: '/v1/books/journal.csv',
  access: ['operator'],
  summary: 'Every posting of a span of days as CSV, one a row, in the order in which they were booked.',
  query: Type.Object({ from: Type.Optional(Day), to: Type.Optional(Day) }),
  stream: 'reply-bytes',
});

const Counterparty = Type.String({ maxLength: 60, description: 'a vendor’s id, or `contractor`' });

export const ReconciliationState = Type.Union([
  Type.Literal('matched'),
  Type.Literal('waiting'),
  Type.Literal('amount-differs'),
  Type.Literal('missing-theirs'),
  Type.Literal('missing-ours'),
]);

/** An event that the two books do not tell alike. */
export const Difference = Type.Object({
  counterparty: Counterparty,
  event: Type.String(),
  on: Day,
  currency: Type.String(),
  ours: Type.Optional(IntegerText),
  theirs: Type.Optional(IntegerText),
  state: ReconciliationState,
  reason: Type.String({ description: 'a sentence: why, as far as this side can know' }),
  /** Why this company's operator lets it stand. */
  acceptedFor: Type.Optional(Type.String()),
  /** Unmatched for more than three days, and not let stand. */
  isAlert: Type.Boolean(),
});
export type DifferenceText = Static<typeof Difference>;

export const Reconciliation = Type.Object({
  matched: Type.Integer(),
  differences: Type.Array(Difference),
  alerts: Type.Array(Type.String()),
});

export const readReconciliation = defineRoute({
  name: 'readReconciliation',
  method: 'GET',
  path: '/v1/reconciliation',
  access: ['operator'],
  summary: 'Every event that this book and another company’s statements do not tell alike, with the reason.',
  query: Type.Object({ counterparty: Type.Optional(Counterparty) }),
  reply: Reconciliation,
});

export const reconcileNow = defineRoute({
  name: 'reconcileNow',
  method: 'POST',
  path: '/v1/reconciliation',
  access: ['operator'],
  summary:
    'Exchange the statements of all days that are over, then reconcile. The contractor waits for its vendors to begin, so there only the second.',
  reply: Reconciliation,
});

export const acceptDifferences = defineRoute({
  name: 'acceptDifferences',
  method: 'POST',
  path: '/v1/reconciliation/accepted',
  access: ['operator'],
  summary:
    'Let differences stand for good, with the reason: one event, or all that are alerts with a company. They are still listed, and hinder no closing. With other amounts it is another difference.',
  body: Type.Object({
    counterparty: Type.Optional(Counterparty),
    event: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
  }),
  reply: Type.Object({ accepted: Type.Array(Difference) }),
});

export const listStatements = defineRoute({
  name: 'listStatements',
  method: 'GET',
  path: '/v1/statements',
  access: ['operator'],
  summary:
    'Statements of this company and of others, the last day first; found by day, amount, counterparty and number.',
  query: Type.Object({
    ...Type.Omit(DocumentQuery, ['after', 'limit']).properties,
    counterparty: Type.Optional(Counterparty),
  }),
  reply: Type.Object({
    items: Type.Array(
      Type.Object({
        counterparty: Counterparty,
        day: Day,
        issuer: Type.Union([Type.Literal('ours'), Type.Literal('theirs')]),
        number: Type.String(),
        lines: IntegerText,
        /** The sum of the lines; absent where there is none, or where they have several currencies. */
        total: Type.Optional(Money),
        storedAt: Instant,
      }),
    ),
  }),
});

export const readStatementFile = defineRoute({
  name: 'readStatementFile',
  method: 'GET',
  path: '/v1/statements/:day.:format',
  access: ['operator'],
  summary:
    'This company’s statement of a day as PDF, CSV or JSON, each line with how it stands in the other book.',
  params: Type.Object({ day: Day, format: DocumentFormat }),
  query: Type.Object({ ...LanguageQuery.properties, counterparty: Counterparty }),
  stream: 'reply-bytes',
});
