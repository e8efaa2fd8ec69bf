import type { Sql } from '@taika/database/connect';
import { inTransaction } from '@taika/database/transaction';
import { type ChainHead, type ChainVerdict, checkWitness, sealChain, verifyChain } from '@taika/ledger/chain';
import { listClosings } from '@taika/ledger/close-month';

/** What walking a book found, and how many kept heads it was compared with. */
export type BookVerdict = ChainVerdict & { readonly witnesses: number };

/** Seals what waits, so that the walk covers everything that is committed. */
export async function sealEverything(sql: Sql): Promise<ChainHead> {
  for (;;) {
    const { sealed, head } = await inTransaction(sql, (tx) => sealChain(tx));
    if (sealed === 0) {
      return head;
    }
  }
}

/** Walks the whole chain, and compares it with the heads of closings and with those that `heads` has kept elsewhere. */
export async function verifyWholeBook(sql: Sql, heads: readonly ChainHead[]): Promise<BookVerdict> {
  await sealEverything(sql);
  const kept = [...(await listClosings(sql)).map(({ head }) => head), ...heads];
  const verdict = await verifyChain(sql);
  if (verdict.kind === 'broken') {
    return { ...verdict, witnesses: kept.length };
  }
  for (const head of kept) {
    const denied = await checkWitness(sql, head);
    if (denied !== undefined) {
      return { ...denied, witnesses: kept.length };
    }
  }
  return { ...verdict, witnesses: kept.length };
}
