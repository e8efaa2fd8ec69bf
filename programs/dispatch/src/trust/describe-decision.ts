import { auditProbability } from '@taika/trust/audit-probability';
import type { Auditor, Effect, RevocationCause } from '@taika/trust/effect';
import type { AuditReason, TrustEvent } from '@taika/trust/event';
import { trustLevels } from '@taika/trust/trust-level';
import type { RecordedDecisionRow } from './decision-queries.ts';

/** Names a terminal as `taika terminal explain` takes it. */
export type NameOf = (terminalNumber: number) => string;

/** What happened, as a sentence. */
export function describeEvent({
  event,
  terminalId,
  partnerId,
  differing,
}: Pick<RecordedDecisionRow, 'event' | 'terminalId' | 'partnerId' | 'differing'>): string {
  const known = event as unknown as TrustEvent;
  const author = `terminal ${terminalId}`;
  const partner = partnerId === null ? 'the reference executor' : `terminal ${partnerId}`;
  switch (known.kind) {
    case 'asked':
      return `Terminal ${terminalId} asked for work.`;
    case 'committed':
      return `Terminal ${terminalId} committed a result${known.isCritical ? ' that must be certain' : ''}.`;
    case 'referred':
      return 'The reference executor computed the units itself: no other member may have them.';
    case 'compared':
      return `A copy by ${partner} came in (${reasons[known.reason]}): ${comparisons[known.comparison]}${inUnits(differing)}.`;
    case 'judged':
      if (known.dependsOnNan === true) {
        return 'The reference executor found that the output depends on the bits of a NaN.';
      }
      return `The reference executor judged (${reasons[known.reason]}): the result of ${author} is ${rightOrWrong(known.isAuthorRight)}${inUnits(differing)}${
        partnerId === null ? '' : `, that of ${partner} is ${rightOrWrong(known.isPartnerRight)}`
      }.`;
    case 'audit-lapsed':
      return `The copy did not come in time (${reasons[known.reason]}).`;
    case 'damaged':
      return 'The bytes were damaged on the way.';
    case 'returned':
      return `${known.members} members gave the unit back for the same cause.`;
    case 'picked':
      return `The result of ${author} was picked to be computed again (${reasons[known.reason]}).`;
    case 'job-ended':
      return `All results of the job are in; ${known.open} of ${author} were open, ${known.checked} of them checked.`;
    case 'flush-passed':
      return `Every sampled result of ${author} in the job was right.`;
    case 'lie-proven':
      return `A result that ${author} had agreed with was proven wrong.`;
    case 'recall-ended':
      return `All results of ${author} were computed again: ${known.wrong} of ${known.checked} were wrong.`;
    case 'seen':
      return `Terminal ${terminalId} came back after a long time.`;
    case 'updated':
      return `Terminal ${terminalId} runs another version.`;
  }
}

/** What was done about it, as sentences; also that a result was not drawn, where nothing was ordered. */
export function describeEffects(
  { event, effects, state }: Pick<RecordedDecisionRow, 'event' | 'effects' | 'state'>,
  nameOf: NameOf,
): string[] {
  const told = effects.map((effect) => describeEffect(effect, nameOf));
  const isCommitted = event.kind === 'committed' && effects.some(({ kind }) => kind === 'quarantine');
  if (!isCommitted || effects.some(({ kind }) => kind === 'audit')) {
    return told;
  }
  const drawn = auditProbability(trustLevels[state.job.level], state.terminal.passed);
  return [...told, `Not drawn to be computed again: ${Math.round(drawn * 1000) / 10} % of such results are.`];
}

/** For what a right was taken, in words. */
export const revocationCauses: Readonly<Record<RevocationCause, string>> = {
  'wrong-result': 'a wrong result',
  'wrong-audit': 'a wrong copy of somebody else’s result',
  'vouched-for-a-lie': 'agreeing with a result that is proven wrong',
  'agreed-with-a-decoy': 'agreeing with a decoy',
};

/** What was done about it, as a sentence. */
function describeEffect(effect: Effect, nameOf: NameOf): string {
  const name = 'terminal' in effect ? `terminal ${nameOf(effect.terminal)}` : '';
  switch (effect.kind) {
    case 'issue':
      return 'A run was handed out.';
    case 'withhold':
      return `Nothing was handed out: ${effect.reason}.`;
    case 'quarantine':
      return `Provisional until ${name} has passed ${effect.finalAfter} audits, or the job’s flush.`;
    case 'audit':
      return `To be computed again by ${auditor(effect.by, nameOf)} (${reasons[effect.reason]}).`;
    case 'judge':
      return `The reference executor judges${effect.strict ? ', in every form of the program' : ''}.`;
    case 'pass':
      return `Passed an audit: ${name}.`;
    case 'trust':
      return `Trusted from now on: ${name}.`;
    case 'start-probation':
      return `On probation (${effect.cause}): ${name}.`;
    case 'finalize':
      return `Results of ${name} that waited for ${effect.passed} audits are final.`;
    case 'finalize-job':
      return `Results of ${name} in this job are final.`;
    case 'flush':
      return `${effect.count} more results of ${name} are sampled.`;
    case 'settle':
      return 'The reference executor’s answer stands, and is final.';
    case 'reissue':
      return 'The result was dropped, and its units go out again.';
    case 'revoke':
      return `Lost its right for ${revocationCauses[effect.cause]}: ${name}.`;
    case 'forfeit':
      return `The escrow of ${name} is forfeited.`;
    case 'drop-open':
      return `What ${name} has open was dropped.`;
    case 'recall':
      return `Final results of ${name} are computed again.`;
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

function auditor(by: Auditor, nameOf: NameOf): string {
  return by.kind === 'reference' ? 'the reference executor' : `terminal ${nameOf(by.terminal)}`;
}

function rightOrWrong(isRight: boolean): string {
  return isRight ? 'right' : 'wrong';
}

/** A few by name; of many how many there are. */
function inUnits(differing: readonly number[] | null): string {
  if (differing === null || differing.length === 0) {
    return '';
  }
  const named = differing.slice(0, namedMax).join(', ');
  const more = differing.length - namedMax;
  return ` in ${differing.length === 1 ? 'unit' : 'units'} ${named}${more > 0 ? ` and ${more} more` : ''}`;
}

const namedMax = 10;

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
