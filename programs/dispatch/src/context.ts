import type { Sql } from '@taika/database/connect';
import type { Clock } from '@taika/runtime/clock';
import type { Logger } from '@taika/runtime/log';
import type { Random } from '@taika/runtime/random';

/** What every slice of the dispatch server is given. Built once, by the composition root (server.ts). */
export interface DispatchContext {
  /** For everything but the hot path. */
  readonly sql: Sql;
  /** For feed, claim, report, expire and recover: planner settings of its own, few connections. */
  readonly hotSql: Sql;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Names this replica in feeder blocks and assignment ids; unique among those alive. */
  readonly replica: number;
  /** Where blobs are kept and the merger writes. */
  readonly dataDirectory: string;
  /** The address terminals reach this server by; begins signed URLs. */
  readonly publicUrl: () => string;
}

/** Who a request is from, once its proof was checked. */
export type Caller =
  | { readonly kind: 'public' }
  | { readonly kind: 'operator' }
  | { readonly kind: 'customer'; readonly customerId: string; readonly customerNumber: bigint }
  | { readonly kind: 'vendor'; readonly vendorId: string; readonly vendorNumber: bigint }
  | {
      readonly kind: 'terminal';
      readonly terminalId: string;
      readonly terminalNumber: bigint;
      readonly memberNumber: bigint;
    };
