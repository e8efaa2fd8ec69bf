import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { Day, Instant, IntegerText, PageQuery, Sha256Hex } from './schema.ts';

/** Routes about a company's own ledger. Both servers have them, for their operators. */

const Commodity = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 currency, or PTS for points' });
const Month = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}$', description: 'month, yyyy-mm, UTC' });
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
