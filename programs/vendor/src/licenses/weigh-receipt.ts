import type { ReasonText } from '@taika/protocol/schema';
import type { Receipt } from './fetch-receipt.ts';
import {
  afterLicenseEvent,
  type Evidence,
  type EvidencePolicy,
  judge,
  type LicenseEvent,
  type LicenseState,
  licenseReasons,
} from './license.ts';

/** A license as far as a receipt is weighed against it. */
export interface WeighedLicense extends EvidencePolicy {
  readonly state: LicenseState;
  readonly suspendedFor: string | null;
  readonly suspendedReentries: number | null;
}

/** Whose receipt it is, and how often its terminal had been let in again by the one before. */
export interface ReceiptOwner {
  readonly registrationId: string;
  readonly reentries: number;
}

/** What a receipt makes of a license. */
export interface Weighed {
  readonly state: LicenseState;
  /** Undefined while it is licensed. */
  readonly reason: ReasonText | undefined;
  readonly suspension: { readonly registrationId: string; readonly reentries: number } | undefined;
}

/** The license after what the dispatch server said of one of its terminals. */
export function weighReceipt(license: WeighedLicense, owner: ReceiptOwner, receipt: Receipt): Weighed {
  const judgement = receipt.kind === 'evidence' ? judge(receipt.evidence, license) : doubt(receipt);
  const isLifted = receipt.kind === 'evidence' && liftsSuspension(license, owner, receipt.evidence);
  const events: readonly LicenseEvent[] = isLifted ? ['readmitted', judgement.event] : [judgement.event];
  const state = events.reduce(afterLicenseEvent, license.state);
  switch (state) {
    case 'licensed':
      return { state, reason: undefined, suspension: undefined };
    case 'not-computing': {
      const reason = judgement.event === 'not-running' ? judgement.reason : licenseReasons.notComputing;
      return { state, reason, suspension: undefined };
    }
    case 'suspended':
      return { state, reason: licenseReasons.suspended, suspension: suspensionOf(license, owner, receipt) };
    case 'revoked':
    case 'ended':
      return { state, reason: licenseReasons[state], suspension: undefined };
  }
}

function doubt({ isFinal }: Extract<Receipt, { kind: 'revoked' }>) {
  return { event: isFinal ? ('lie' as const) : ('doubted' as const) };
}

/**
 * Whether a receipt says that the terminal was let in again. It must count one re-entry more than was known when the license
 * was suspended: so a receipt of before, kept by somebody or by a replica that has not heard, lifts nothing.
 */
function liftsSuspension(
  { state, suspendedFor, suspendedReentries }: WeighedLicense,
  { registrationId, reentries }: ReceiptOwner,
  evidence: Pick<Evidence, 'reentries'>,
): boolean {
  return (
    state === 'suspended' &&
    (suspendedFor === null || suspendedFor === registrationId) &&
    evidence.reentries > (suspendedReentries ?? reentries)
  );
}

/** The first terminal that it was suspended for stays the one, until that is let in again. */
function suspensionOf(
  { state, suspendedFor, suspendedReentries }: WeighedLicense,
  { registrationId, reentries }: ReceiptOwner,
  receipt: Receipt,
): Weighed['suspension'] {
  if (state === 'suspended' && suspendedFor !== null) {
    return { registrationId: suspendedFor, reentries: suspendedReentries ?? 0 };
  }
  return receipt.kind === 'revoked' ? { registrationId, reentries } : undefined;
}
