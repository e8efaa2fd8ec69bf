/** Why a second copy is computed. Recorded, and never told to a terminal: the bytes that it sees are the same. */
export type AuditReason =
  | 'probation'
  | 'random'
  | 'odd-fuel'
  | 'critical'
  | 'flush'
  | 'decoy'
  /** A final result of a revoked terminal. */
  | 'recall'
  /** A dropped result that somebody vouched for: shows who vouched for a lie. */
  | 'vouched';

/** How two copies of a run compare. Damaged bytes never get here. */
export type Comparison =
  | 'equal'
  /** The same fuel in each unit, and other bytes. */
  | 'other-bytes'
  | 'other-fuel';

/** What happened; the state says to whom. */
export type TrustEvent =
  /** The terminal wants a run of the job. */
  | { readonly kind: 'asked' }
  /** It committed a result. `typicalFuel` is the program's median for this input size, null while unknown. */
  | {
      readonly kind: 'committed';
      readonly fuel: bigint;
      readonly typicalFuel: bigint | null;
      readonly isCritical: boolean;
    }
  /** The reference executor computed the run itself, because no other member may have it. */
  | { readonly kind: 'referred' }
  /** The second copy is in, from `state.partner` or the reference executor. */
  | { readonly kind: 'compared'; readonly reason: AuditReason; readonly comparison: Comparison }
  /**
   * The reference executor said who was right. `dependsOnNan`: two of its own runs differ, in the program's forms;
   * null where it ran one form only.
   */
  | {
      readonly kind: 'judged';
      readonly reason: AuditReason;
      readonly isAuthorRight: boolean;
      readonly isPartnerRight: boolean;
      readonly dependsOnNan: boolean | null;
    }
  /** The partner did not compute the copy in time, or has left. */
  | { readonly kind: 'audit-lapsed'; readonly reason: AuditReason }
  /** The bytes did not match their own digest. */
  | { readonly kind: 'damaged' }
  /** It gave a unit back for a cause of the unit; `members` have now done so for the same one. */
  | { readonly kind: 'returned'; readonly members: number }
  /** One of its runs was picked for a copy: in the flush, because it was dropped though vouched for, or in a recall. */
  | { readonly kind: 'picked'; readonly reason: 'flush' | 'vouched' | 'recall' }
  /** All runs of the job are committed; `open` of the terminal's are not final, `checked` of these passed a check drawn at random. */
  | { readonly kind: 'job-ended'; readonly open: number; readonly checked: number }
  /** Every flush audit of the terminal's results in the job came back equal. */
  | { readonly kind: 'flush-passed' }
  /** A result that it vouched for was proven wrong. */
  | { readonly kind: 'lie-proven' }
  /** All results of the revoked terminal were computed again, those that were dropped too; `wrong` of `checked` differed, `isIsolated` if nobody vouched for one. */
  | {
      readonly kind: 'recall-ended';
      readonly wrong: number;
      readonly checked: number;
      readonly isIsolated: boolean;
    }
  /** It is back after a time. */
  | { readonly kind: 'seen'; readonly idleDurationMs: number }
  /** It reports another runtime version than before. */
  | { readonly kind: 'updated' };

/** Every kind of event, for tables. */
export const eventKinds = [
  'asked',
  'committed',
  'referred',
  'compared',
  'judged',
  'audit-lapsed',
  'damaged',
  'returned',
  'picked',
  'job-ended',
  'flush-passed',
  'lie-proven',
  'recall-ended',
  'seen',
  'updated',
] as const satisfies readonly TrustEvent['kind'][];
