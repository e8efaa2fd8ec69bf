import type { AuditReason } from './event.ts';

/** Why a right was taken, for the record that explains it. */
export type RevocationCause = 'wrong-result' | 'wrong-audit' | 'vouched-for-a-lie' | 'agreed-with-a-decoy';

/** Who computes a copy. */
export type Auditor =
  | { readonly kind: 'terminal'; readonly terminal: number }
  | { readonly kind: 'reference' };

/**
 * What must be done: plain data, applied in one transaction together with what caused it. `terminal` names a row of the
 * state; everything else concerns the run of the event.
 */
export type Effect =
  /** Hand out a run of the job. */
  | { readonly kind: 'issue' }
  /** Hand out nothing of this job. */
  | { readonly kind: 'withhold'; readonly reason: 'revoked' | 'newcomer-share' | 'member-share' }
  /** Keep the run open and its points in escrow until its terminal passed `finalAfter` audits. */
  | { readonly kind: 'quarantine'; readonly terminal: number; readonly finalAfter: number }
  /** Compute a copy; until it is in, the run is not final. `isDrawn` counts it among the terminal's audits. */
  | {
      readonly kind: 'audit';
      readonly terminal: number;
      readonly reason: AuditReason;
      readonly by: Auditor;
      readonly isDrawn: boolean;
    }
  /** The reference executor computes the run and judges; with `strict`, in every form of the program. */
  | { readonly kind: 'judge'; readonly reason: AuditReason; readonly strict: boolean }
  /** One audit passed. `wasDrawn` is false for a copy that it computed for somebody else's audit and was right about. */
  | { readonly kind: 'pass'; readonly terminal: number; readonly wasDrawn: boolean }
  /** PROBATION → TRUSTED: points that were pending until vested can be paid. */
  | { readonly kind: 'trust'; readonly terminal: number }
  /** → PROBATION: its checks begin again. `reentry` counts and clears its history. */
  | {
      readonly kind: 'start-probation';
      readonly terminal: number;
      readonly cause: 'idle' | 'updated' | 'reentry';
    }
  /** The terminal's open runs with `finalAfter` ≤ `passed` that await no copy become final; paid unless `isVested` is false. */
  | {
      readonly kind: 'finalize';
      readonly terminal: number;
      readonly passed: number;
      readonly isVested: boolean;
    }
  /** The terminal's runs of the job that were open when its flush was drawn become final; later ones wait for another flush. */
  | { readonly kind: 'finalize-job'; readonly terminal: number; readonly isVested: boolean }
  /** Audit `count` more of the terminal's open runs of the job, drawn without replacement from those not audited. */
  | { readonly kind: 'flush'; readonly terminal: number; readonly count: number }
  /** The run's truth is known from the reference executor: it is final as that, and paid to nobody who said otherwise. */
  | { readonly kind: 'settle' }
  /** The run's result is dropped and the run computed again. */
  | { readonly kind: 'reissue' }
  /** → REVOKED, with the member's license. */
  | {
      readonly kind: 'revoke';
      readonly terminal: number;
      readonly member: number;
      readonly cause: RevocationCause;
    }
  /** The escrow of the terminal is forfeited. */
  | { readonly kind: 'forfeit'; readonly terminal: number }
  /** The terminal's open runs are dropped: those that the reference vouched for stay, unpaid; those that a terminal vouched for are `picked`; the others go out again, and what comes is compared with what was dropped. */
  | { readonly kind: 'drop-open'; readonly terminal: number }
  /** The terminal's final runs are `picked` and compared; a corrected merge is published where one was wrong. */
  | { readonly kind: 'recall'; readonly terminal: number }
  /** Whoever vouched for the run's result in an earlier audit gets the event `lie-proven`. */
  | { readonly kind: 'expose-vouchers' }
  /** Transfer the bytes again. */
  | { readonly kind: 'retry-transfer' }
  /** The unit fails with the cause that members returned it for. */
  | { readonly kind: 'fail-unit' }
  /** The job cannot be computed as `fast`, and the server ends it so that it is submitted as `strict`: nobody is judged. */
  | { readonly kind: 'use-strict' }
  /** Nothing changes; the reason is recorded. */
  | {
      readonly kind: 'ignore';
      readonly reason: 'revoked' | 'decoy' | 'standing-unchanged' | 'not-hardware' | 'already-settled';
    };
