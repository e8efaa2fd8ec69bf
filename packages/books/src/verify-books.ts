import type { Sql } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { type ChainHead, type ChainVerdict, checkWitness, sealChain, verifyChain } from '@taika/ledger/chain';
import { listClosings } from '@taika/ledger/close-month';
import type { Witness } from './own-books.ts';

/** What walking a book found, how many kept heads it was compared with, and who says something else than all that this side has. */
export type BookVerdict = ChainVerdict & {
  readonly witnesses: number;
  readonly disputed: readonly Witness[];
};

/** Seals what waits, so that the walk covers everything that is committed. */
export async function sealEverything(sql: Sql): Promise<ChainHead> {
  for (;;) {
    const { sealed, head } = await inTransaction(sql, (tx) => sealChain(tx));
    if (sealed === 0) {
      return head;
    }
  }
}

/**
 * Walks the whole chain, and compares it with the heads of closings and with those that others have kept. A head that our own
 * statements never gave breaks nothing, or anybody could say that our books are broken: it is disputed, and by whom is told.
 */
export async function verifyWholeBook(sql: Sql, heads: readonly Witness[]): Promise<BookVerdict> {
  await sealEverything(sql);
  const closings = await listClosings(sql);
  const witnesses = closings.length + heads.length;
  const verdict = await verifyChain(sql);
  if (verdict.kind === 'broken') {
    return { ...verdict, witnesses, disputed: [] };
  }
  for (const head of [...closings.map(({ head }) => head), ...heads.filter((each) => each.wasStated)]) {
    const denied = await checkWitness(sql, head);
    if (denied !== undefined) {
      return { ...denied, witnesses, disputed: [] };
    }
  }
  const disputed: Witness[] = [];
  for (const head of heads.filter((each) => !each.wasStated)) {
    if ((await checkWitness(sql, head)) !== undefined) {
      disputed.push(head);
    }
  }
  return { ...verdict, witnesses, disputed };
}
