/**
 * Deliberately broken variants of the write path. A fault changes the text of one statement on its way to the database,
 * or something in the database itself: what a slip in a refactoring would do. Each names the check that must notice.
 */
import type { Transaction } from '@taika/database/connect';
import type { CheckName } from './checks.ts';

/** A fault, and who must catch it. */
export interface Fault {
  readonly caughtBy: CheckName;
  /** Replaced wherever a statement has it. */
  readonly rewrite?: readonly [from: string, to: string];
  /** Run in the new database. */
  readonly sql?: string;
  /** Shows only when two transactions meet: the check is repeated until they do. */
  readonly isRace?: true;
}

export const faults: Readonly<Record<string, Fault>> = {
  'balances are read without their lock': {
    caughtBy: 'parallel holds take what there is and are refused the rest',
    isRace: true,
    rewrite: ['order by account_id\n    for no key update', 'order by account_id'],
  },
  'a command is stored under a key of its own each time': {
    caughtBy: 'a repeated command is one journal',
    rewrite: ['select key, kind, event', 'select key || clock_timestamp()::text, kind, event'],
  },
  'a key that was used is not looked up with its body': {
    caughtBy: 'a key that was used for something else is a conflict',
    rewrite: ['select c.id, c.key, c.body_hash\n', "select c.id, c.key, '\\x00'::bytea as body_hash\n"],
  },
  'a journal loses its last line': {
    caughtBy: 'a repeated command is one journal',
    rewrite: [
      'bigint, line smallint, "accountId" bigint, amount bigint)',
      'bigint, line smallint, "accountId" bigint, amount bigint) where line = 1',
    ],
  },
  'an amount is written one too high': {
    caughtBy: 'a repeated command is one journal',
    rewrite: [
      'select "journalId", line, "accountId", amount',
      'select "journalId", line, "accountId", amount + 1',
    ],
  },
  'a balance forgets on which side it grows': {
    caughtBy: 'a balance is the fold of its postings',
    sql: `create or replace function ledger.count_postings() returns trigger language plpgsql as $$
      begin
        update ledger.balance b
        set posted = b.posted + change.amount
        from (select account_id, sum(amount) as amount from written group by account_id) change
        where b.account_id = change.account_id and b.stripe = 0;
        return null;
      end $$`,
  },
  'what was held is not freed by its resolution': {
    caughtBy: 'what is not captured is free again',
    sql: 'drop trigger hold_resolution_counts on ledger.hold_resolution',
  },
  'holds are not counted': {
    caughtBy: 'parallel holds take what there is and are refused the rest',
    sql: 'drop trigger hold_part_counts on ledger.hold_part',
  },
  'a resolved hold stays open': {
    caughtBy: 'a hold resolves once, whoever comes first',
    rewrite: ['where o.hold_id = resolved.hold_id', 'where false'],
    sql: 'alter table ledger.hold_resolution drop constraint hold_resolution_pkey',
  },
  'a capture may be twice the hold': {
    caughtBy: 'a capture is within its hold',
    rewrite: [
      'select p.hold_id, a.code, a.commodity, p.amount',
      'select p.hold_id, a.code, a.commodity, p.amount * 2 as amount',
    ],
  },
  'the end of a hold is forgotten': {
    caughtBy: 'a hold that is over cannot be captured',
    rewrite: ['select expires_at\n', 'select null::timestamptz as expires_at\n'],
  },
  'holds expire before their time': {
    caughtBy: 'a hold that is not over does not expire',
    rewrite: ['where expires_at <= ', 'where expires_at > '],
  },
  'points are drawn in the wrong order': {
    caughtBy: 'the bucket that expires first is spent first',
    rewrite: ['select placed.id, part.line,', 'select placed.id, (100 - part.line)::smallint,'],
  },
  'a refusal is not stored': {
    caughtBy: 'a refusal stays a refusal',
    rewrite: [
      'as r("commandId" bigint, reason text, account text, "shortBy" bigint)',
      'as r("commandId" bigint, reason text, account text, "shortBy" bigint) where false',
    ],
  },
  'a reversal does not see the one before': {
    caughtBy: 'a journal is reversed once',
    rewrite: ['r.id as reversed_by', 'null::bigint as reversed_by'],
    sql: 'alter table ledger.journal drop constraint journal_reversed_once',
  },
  'a number is left out': {
    caughtBy: 'numbers have no gaps',
    rewrite: ['ledger.document_series.last + 1', 'ledger.document_series.last + 2'],
  },
  'the chain does not see what it seals': {
    caughtBy: 'a row that was changed is found',
    sql: `create or replace function ledger.chain_fold(state bytea, previous bytea, content text) returns bytea
      language sql stable parallel safe return sha256(coalesce(state, previous))`,
  },
};

/** The same transaction, with the fault in what it sends. `seen` is told when the fault took effect. */
export function withFault(tx: Transaction, { rewrite }: Fault, seen: () => void): Transaction {
  if (rewrite === undefined) {
    seen();
    return tx;
  }
  const [from, to] = rewrite;
  return new Proxy(tx, {
    apply(target, self, [strings, ...values]) {
      const isStatement = Array.isArray(strings) && 'raw' in strings;
      if (!isStatement || !strings.some((part: string) => part.includes(from))) {
        return Reflect.apply(target, self, [strings, ...values]);
      }
      seen();
      const changed = strings.map((part: string) => part.replace(from, to));
      return Reflect.apply(target, self, [Object.assign(changed, { raw: changed }), ...values]);
    },
  });
}
