import type { StatementBooks } from '@taika/books/statements/statement-books';
import type { PublicJwk } from '@taika/crypto/keys';
import type { Sql } from '@taika/database/connect';
import type { Clock } from '@taika/runtime/clock';
import type { Logger } from '@taika/runtime/logger';
import type { Random } from '@taika/runtime/random';
import type { DispatchClient } from './dispatch-client.ts';
import type { Identity } from './identity.ts';

/** What every slice of the vendor server is given. Built once, by the composition root (server.ts). */
export interface VendorContext {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly name: string;
  readonly identity: Identity;
  /** How documents name this vendor. */
  readonly party: StatementBooks['party'] & { readonly country: string };
  /** The contractor's server, to which every request is signed. */
  readonly dispatch: DispatchClient;
  readonly dispatchUrl: string;
  /** Where the bytes of releases lie. */
  readonly filesDirectory: string;
  /** How long a checkout waits for the member's confirmation. */
  readonly orderValidMs: number;
  /** How long a period's bill waits for it before it is charged in money. */
  readonly usageBillValidMs: number;
  /** How long a self-billed claim waits for the operator's look. */
  readonly claimReviewMs: number;
  /** Wakes the loops, so that nobody waits for a timer. */
  readonly kick: (loop: LoopName) => void;
}

export type LoopName = 'registrations' | 'orders' | 'refunds' | 'claims' | 'claim documents' | 'statements';

/** Who a request is from, once its proof was checked. */
export type Caller =
  | { readonly kind: 'public' }
  | { readonly kind: 'operator' }
  | ServiceCaller
  | MemberCaller;

/** A service's back end, by its service key. */
export interface ServiceCaller {
  readonly kind: 'service';
  readonly keyId: string;
  readonly product: string;
}

/** A member, by the signature of one of its terminals. */
export interface MemberCaller {
  readonly kind: 'member';
  readonly memberId: string;
  readonly thumbprint: string;
  readonly terminalKey: PublicJwk;
}
