/**
 * Why something waits. A job, a unit, an agent or a license that does not move carries one of these;
 * the sentence says what is, the remedy what to do.
 */
export const reasons = {
  'no-terminal': {
    sentence: 'No registered terminal is asking for work at the moment.',
    remedy:
      'The job starts by itself when one does. Contractors see terminals with `taika contractor terminals`.',
  },
  'no-other-member': {
    sentence: 'The copies of a unit go to different members, and no other member is asking for work.',
    remedy: 'Wait for another member, or submit the job with fewer copies.',
  },
  'no-work': {
    sentence: 'There is no work for this terminal at the moment.',
    remedy: 'Nothing to do: the license goes on, and the agent asks again by itself.',
  },
  'no-consent': {
    sentence: 'The member has not agreed to lend this terminal.',
    remedy: 'Read and accept the text with `taika agent consent`.',
  },
  'paused-by-member': {
    sentence: 'The member paused this terminal.',
    remedy: 'Run `taika agent resume` to go on.',
  },
  'price-limit': {
    sentence:
      'The next unit might cost more than the job may (maxPrice, tax included), so the job is paused.',
    remedy: 'Allow more with `taika max-price JOB AMOUNT`, or cancel the job.',
  },
  splitting: {
    sentence: 'The input is being split into units.',
    remedy: 'Nothing to do: units are handed out when the split is done.',
  },
  merging: {
    sentence: 'All results are in and are being merged.',
    remedy: 'Nothing to do: the result follows.',
  },
  computing: {
    sentence: 'Terminals are computing this job.',
    remedy: 'Nothing to do.',
  },
  checking: {
    sentence: 'All results are in; a sample of them is being computed again before they count as final.',
    remedy: 'Nothing to do: the outputs can be read already, as provisional ones.',
  },
  'no-reference': {
    sentence: 'Results wait to be checked by the contractor’s reference executor, and none is running.',
    remedy: 'The contractor starts one with `taika reference run`.',
  },
  'reference-cannot': {
    sentence:
      'A result must be computed again by the contractor’s reference executor, which could not do so several times.',
    remedy:
      'Nothing is lost: it is tried again by itself, and the job goes on when it succeeds. The contractor sees with `taika contractor trust` which limit it is and what to do. Who cannot wait cancels the job, and submits it with smaller units or a higher limits.time.',
  },
  'depends-on-nan': {
    sentence:
      'The output depends on the bits of a NaN, which differ between machines, so results cannot be compared.',
    remedy: 'Submit the job again with artefact: strict in the job file.',
  },
  'program-failed': {
    sentence: 'The program failed on a unit.',
    remedy: 'Read the unit, its exit code or trap and its log, mend the program, and submit the job again.',
  },
  'unit-unfinished': {
    sentence: 'No terminal could finish a unit: each ran out of stack, time or memory.',
    remedy: 'Make units smaller, or raise limits.memory or limits.time in the job file, and submit again.',
  },
  'split-failed': {
    sentence: 'The input could not be split as the job file says.',
    remedy: 'Correct the split in the job file and submit again.',
  },
  'merge-failed': {
    sentence: 'The outputs could not be merged as the job file says.',
    remedy: 'Correct the merge in the job file, or what the program prints, and submit again.',
  },
  'data-missing': {
    sentence: 'Bytes that the job needs are not on the server any more.',
    remedy: 'Submit the job again: what is missing is uploaded again. Tell the contractor that it happened.',
  },
  'next-not-understood': {
    sentence: 'The program that decides on the next round did not say how to go on.',
    remedy: 'Correct what rounds.next prints (docs/JOBS.md, "Rounds"), and submit the job again.',
  },
  'rounds-cut': {
    sentence: 'The job is done: all its rounds were computed, and its next program asked for more.',
    remedy: 'Fetch the result of the last round. Raise rounds.max where it should go on.',
  },
  done: {
    sentence: 'The job is done.',
    remedy: 'Nothing to do: fetch the result.',
  },
  'copies-disagree': {
    sentence: 'The copies of a unit kept disagreeing.',
    remedy: 'The program may be non-deterministic; submit it with fewer copies, or ask the contractor.',
  },
  'cancelled-by-customer': {
    sentence: 'The customer cancelled this job.',
    remedy: 'Nothing to do. Submit it again to run it.',
  },
  'server-unreachable': {
    sentence: 'The dispatch server is out of reach.',
    remedy: 'The agent tries again by itself; check the network if this lasts.',
  },
  'sandbox-missing': {
    sentence: 'The sandbox could not be started, so nothing is computed.',
    remedy: 'Read the agent log; the runner needs Node 26 with its permission model.',
  },
  'fee-claimed-before': {
    sentence:
      'The license fee for this registration, or for this month of its terminal’s work for the product, was claimed before.',
    remedy: 'Nothing to do: the earlier claim counts.',
  },
  'fee-not-registered': {
    sentence: 'The registration was not in force in this month.',
    remedy: 'Claim the months in which it was.',
  },
  'fee-below-minimum': {
    sentence:
      'The month has fewer points or hours than the contract asks for, so no license fee is due for it.',
    remedy: 'Compare the evidence of the claim with your own; a fee is due from the contract’s minimum on.',
  },
  'fee-without-work': {
    sentence:
      'The terminal computed nothing in this month while the registration was in force, so no license fee is due for it.',
    remedy: 'Claim again under a new identifier when the month has work.',
  },
} as const satisfies Record<string, { sentence: string; remedy: string }>;

export type ReasonCode = keyof typeof reasons;

/** The full reason for a code, with an optional detail added to the sentence. */
export function reason(code: ReasonCode, detail?: string) {
  const { sentence, remedy } = reasons[code];
  return { code, sentence: detail === undefined ? sentence : `${sentence} ${detail}`, remedy };
}
