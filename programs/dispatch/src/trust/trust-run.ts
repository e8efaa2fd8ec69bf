import type { JudgingFormText } from '@taika/protocol/dispatch/cycle';
import type { AuditReason } from '@taika/trust/event';

/** The result that stands for consecutive units of a job with a trust level. */
export interface TrustRun {
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly units: number;
  readonly assignmentId: bigint;
  readonly terminalNumber: bigint;
  readonly memberNumber: bigint;
  readonly fuel: bigint;
  /** abandoned: paid when its job ended without a result, before such jobs were checked to the end. */
  readonly state: 'committed' | 'open' | 'final' | 'abandoned';
  readonly awaits: boolean;
  /** Who agreed: a terminal, `referenceVoucher`, or nobody. */
  readonly voucher: bigint | null;
  readonly points: 'pending' | 'paid' | 'forfeited';
  /** SHA-256 of the result's digests: what a draw about it is keyed with. */
  readonly commitHash: Uint8Array;
  /** Other members who had the run, or computed a copy of it. */
  readonly formerMembers: readonly bigint[];
}

/** Stands for the reference executor among vouchers. */
export const referenceVoucher = 0n;

/** A second computation of a run, or the reference's judgement on it. */
export interface Audit {
  readonly id: bigint;
  readonly jobNumber: bigint;
  readonly firstUnit: number;
  readonly units: number;
  readonly authorAssignment: bigint;
  readonly authorTerminal: bigint;
  readonly kind: 'copy' | 'judge';
  readonly reason: AuditReason;
  /** Null: the reference executor. */
  readonly byTerminal: bigint | null;
  /** Of a judgement in every form of the program: which. */
  readonly artefact: JudgingFormText | null;
  readonly judgedAssignment: bigint | null;
  readonly judgedTerminal: bigint | null;
  readonly state: 'wanted' | 'out' | 'in' | 'lapsed' | 'done';
  readonly assignmentId: bigint | null;
  readonly terminalNumber: bigint | null;
  readonly fuel: bigint;
  readonly resultUnits: number;
  readonly points: 'none' | 'pending' | 'paid' | 'forfeited';
}

/** A check drawn at random, as the flush's sample must be. */
export function isDrawnAtRandom(reason: AuditReason): boolean {
  return reason === 'random' || reason === 'probation' || reason === 'flush';
}
