import type { HeldPart } from './events.ts';

/** Why a command was not carried out. It stays so for its key. */
export type RefusalReason =
  | 'overdrawn'
  | 'unknown-hold'
  | 'hold-resolved'
  | 'hold-expired'
  | 'beyond-hold'
  | 'unknown-journal'
  | 'already-reversed'
  | 'is-reversal';

/** A refusal, with the account that was short and by how much where there is one. */
export type Refused = Readonly<{
  kind: 'refused';
  reason: RefusalReason;
  account?: string;
  shortBy?: bigint;
  replayed: boolean;
}>;

/** The key was used before for something else: HTTP 409. Nothing was written. */
export type IdempotencyConflict = Readonly<{ kind: 'idempotency-conflict'; idempotencyKey: string }>;

/** The journal is in the books; `replayed` when an earlier call had put it there. */
export type Posted = Readonly<{ kind: 'posted'; journalId: bigint; replayed: boolean }>;

/** What became of `post` and `reverse`. */
export type PostOutcome = Posted | Refused | IdempotencyConflict;

/** The hold stands, with what it took from each account in the order in which it will be drawn. */
export type Held = Readonly<{ kind: 'held'; holdId: bigint; parts: readonly HeldPart[]; replayed: boolean }>;

/** What became of `placeHold`. */
export type HoldOutcome = Held | Refused | IdempotencyConflict;

/** The hold is resolved by this command. */
export type Released = Readonly<{ kind: 'released'; holdId: bigint; replayed: boolean }>;

/** What became of `releaseHold`. */
export type ReleaseOutcome = Released | Refused | IdempotencyConflict;
