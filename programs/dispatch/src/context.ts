import type { KeyPair } from '@taika/crypto/keys';
import type { Sql } from '@taika/database/connect';
import type { Clock } from '@taika/runtime/clock';
import type { Logger } from '@taika/runtime/logger';
import type { Random } from '@taika/runtime/random';
import type { Presence } from './terminals/presence.ts';
import type { StandingCache } from './terminals/standing-cache.ts';

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
  readonly contractor: Contractor;
  readonly secrets: Secrets;
  /** Days after its end that a job's data is kept. */
  readonly retentionDays: number;
  /** Whether customers may be told at addresses that are not on the internet. */
  readonly allowInnerWebhooks: boolean;
  /** May this terminal have work? Answered from memory, at most five seconds old. */
  readonly standing: StandingCache;
  /** When terminals last called. The cycle tells it; it is written in batches. */
  readonly presence: Presence;
}

/** Who runs this server. */
export interface Contractor {
  readonly name: string;
  /** Signs receipts and artefacts. The same on all replicas. */
  readonly key: KeyPair;
  /** ISO 4217. Rates, invoices, and the worth of points are in it. */
  readonly currency: string;
  /** What a job that names no maximal price may cost, tax included, in thousandths of the smallest coin. */
  readonly jobLimitMilli: bigint;
  /** T and 13 digits, as documents name an issuer of qualified invoices. */
  readonly registrationNumber: string | undefined;
  readonly address: string | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/** Keys of HMACs, 32 bytes each, kept in the database so that every replica accepts what another one gave out. */
export interface Secrets {
  readonly session: Uint8Array;
  readonly signedUrl: Uint8Array;
  /** Keys the draws of audits: whoever holds it can foresee none before a commit, and repeat each after it. */
  readonly trust: Uint8Array;
}

/** Who a request is from, once its proof was checked. */
export type Caller =
  | { readonly kind: 'public' }
  | { readonly kind: 'operator' }
  | CustomerCaller
  | VendorCaller
  | TerminalCaller;

export interface CustomerCaller {
  readonly kind: 'customer';
  readonly customerId: string;
  readonly customerNumber: bigint;
}

export interface VendorCaller {
  readonly kind: 'vendor';
  readonly vendorId: string;
  readonly vendorNumber: bigint;
}

export interface TerminalCaller {
  readonly kind: 'terminal';
  readonly terminalId: string;
  readonly terminalNumber: bigint;
  readonly memberNumber: bigint;
}
