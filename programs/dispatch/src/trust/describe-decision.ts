import type { Auditor, Effect } from '@taika/trust/effect';
import type { AuditReason, TrustEvent } from '@taika/trust/event';

/** What happened, as a sentence. */
export function describeEvent(
  event: { readonly kind: TrustEvent['kind'] } & Record<string, unknown>,
): string {
  const known = event as unknown as TrustEvent;
  switch (known.kind) {
    case 'asked':
      return 'The terminal asked for work.';
    case 'committed':
      return known.isCritical ? 'A result was committed that must be certain.' : 'A result was committed.';
    case 'referred':
      return 'The reference executor computed the units itself: no other member may have them.';
    case 'compared':
      return `A copy came in (${reasons[known.reason]}): ${comparisons[known.comparison]}.`;
    case 'judged':
      return known.dependsOnNan
        ? 'The reference executor found that the output depends on the bits of a NaN.'
        : `The reference executor judged: the result is ${known.isAuthorRight ? 'right' : 'wrong'}.`;
    case 'audit-lapsed':
      return `The copy did not come in time (${reasons[known.reason]}).`;
    case 'damaged':
      return 'The bytes were damaged on the way.';
    case 'returned':
      return `${known.members} members gave the unit back for the same cause.`;
    case 'picked':
      return `The result was picked to be computed again (${reasons[known.reason]}).`;
    case 'job-ended':
      return `All results of the job are in; ${known.open} of this terminal were open, ${known.checked} of them checked.`;
    case 'flush-passed':
      return 'Every sampled result of this terminal in the job was right.';
    case 'lie-proven':
      return 'A result that it had agreed with was proven wrong.';
    case 'recall-ended':
      return `All its results were computed again: ${known.wrong} of ${known.checked} were wrong.`;
    case 'seen':
      return 'The terminal came back after a long time.';
    case 'updated':
      return 'The terminal runs another version.';
  }
}

/** What was done about it, as a sentence. */
export function describeEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'issue':
      return 'A run was handed out.';
    case 'withhold':
      return `Nothing was handed out: ${effect.reason}.`;
    case 'quarantine':
      return `Provisional until terminal ${effect.terminal} has passed ${effect.finalAfter} audits, or the job's flush.`;
    case 'audit':
      return `To be computed again by ${auditor(effect.by)} (${reasons[effect.reason]}).`;
    case 'judge':
      return `The reference executor judges${effect.strict ? ', in both forms of the program' : ''}.`;
    case 'pass':
      return `Terminal ${effect.terminal} passed an audit.`;
    case 'trust':
      return `Terminal ${effect.terminal} is trusted from now on.`;
    case 'start-probation':
      return `Terminal ${effect.terminal} is on probation (${effect.cause}).`;
    case 'finalize':
      return `Results of terminal ${effect.terminal} that waited for ${effect.passed} audits are final.`;
    case 'finalize-job':
      return `Results of terminal ${effect.terminal} in this job are final.`;
    case 'flush':
      return `${effect.count} more results of terminal ${effect.terminal} are sampled.`;
    case 'settle':
      return 'The reference executor’s answer stands, and is final.';
    case 'reissue':
      return 'The result was dropped, and its units go out again.';
    case 'revoke':
      return `Terminal ${effect.terminal} lost its right (${effect.cause}).`;
    case 'forfeit':
      return `The escrow of terminal ${effect.terminal} is forfeited.`;
    case 'drop-open':
      return `What terminal ${effect.terminal} has open was dropped.`;
    case 'recall':
      return `Final results of terminal ${effect.terminal} are computed again.`;
    case 'expose-vouchers':
      return 'Whoever agreed with the wrong result is looked at.';
    case 'retry-transfer':
      return 'The bytes are sent again.';
    case 'fail-unit':
      return 'The unit fails.';
    case 'use-strict':
      return 'Nobody is judged: the job ends, to be submitted with artefact: strict.';
    case 'ignore':
      return `Nothing changes (${effect.reason}).`;
  }
}

function auditor(by: Auditor): string {
  return by.kind === 'reference' ? 'the reference executor' : `terminal ${by.terminal}`;
}

const reasons: Readonly<Record<AuditReason, string>> = {
  probation: 'its terminal is on probation',
  random: 'drawn at random',
  'odd-fuel': 'its fuel is unusual',
  critical: 'it must be certain',
  flush: 'sampled at the end of the job',
  decoy: 'a decoy’s',
  recall: 'its terminal was revoked after it was final',
  vouched: 'dropped although somebody agreed with it',
};

const comparisons = { equal: 'equal', 'other-bytes': 'other bytes', 'other-fuel': 'other fuel' } as const;
