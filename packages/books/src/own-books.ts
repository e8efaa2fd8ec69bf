import type { Sql } from '@taika/database/connect';
import type { ChainHead } from '@taika/ledger/chain';
import type { Clock } from '@taika/runtime/clock';

/** A company's own ledger, and what its server knows of it beside. */
export interface OwnBooks {
  readonly sql: Sql;
  readonly clock: Clock;
  /** Whatever is wrong in the books and in what stands behind them. */
  readonly findDefects: () => Promise<readonly { readonly name: string; readonly detail: string }[]>;
  /** What is unmatched with another company for more than three days, a sentence each. */
  readonly findAlerts: () => Promise<readonly string[]>;
  /** Heads of this book's chain that others have kept. */
  readonly keptHeads: () => Promise<readonly Witness[]>;
}

/** A head of this book's chain, as another company says that it kept it. */
export interface Witness extends ChainHead {
  readonly counterparty: string;
  /** The day of the first statement that says so. */
  readonly day: string;
  /** Whether our own statements to them have this head: else it is their word alone. */
  readonly wasStated: boolean;
}
