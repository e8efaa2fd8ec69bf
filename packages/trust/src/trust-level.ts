/** How sure a customer wants to be, in the words of the job file. */
export type TrustLevelName = 'economy' | 'standard' | 'high' | 'strict';

/** What a level means: how often results are audited, and what the flush at the job's end must show of each terminal. */
export interface TrustLevel {
  readonly name: TrustLevelName;
  /** q: the probability of an audit for a terminal with a history. 1 audits everything. */
  readonly auditProbability: number;
  /** p: a greater share of wrong results of one terminal in the job is found with the confidence below. 0 leaves none unchecked. */
  readonly wrongShareMax: number;
  readonly confidence: number;
  /** What a customer reads beside the price. */
  readonly sentence: string;
}

export const trustLevels: Readonly<Record<TrustLevelName, TrustLevel>> = {
  economy: {
    name: 'economy',
    auditProbability: 0.05,
    wrongShareMax: 0.05,
    confidence: 0.95,
    sentence:
      'One result in twenty is computed again. A terminal with more than 5 % wrong results in your job is found with 95 % confidence before the job ends.',
  },
  standard: {
    name: 'standard',
    auditProbability: 0.1,
    wrongShareMax: 0.02,
    confidence: 0.99,
    sentence:
      'One result in ten is computed again. A terminal with more than 2 % wrong results in your job is found with 99 % confidence before the job ends.',
  },
  high: {
    name: 'high',
    auditProbability: 0.25,
    wrongShareMax: 0.005,
    confidence: 0.99,
    sentence:
      'One result in four is computed again. A terminal with more than 0.5 % wrong results in your job is found with 99 % confidence before the job ends.',
  },
  strict: {
    name: 'strict',
    auditProbability: 1,
    wrongShareMax: 0,
    confidence: 1,
    sentence:
      'Every result is computed again, by another member or by the contractor, after it was handed in.',
  },
};

/** Running executions per result that a level costs with terminals that have a history; start-up and flush come on top. */
export function runningExecutions(level: TrustLevel): number {
  return 1 + level.auditProbability;
}

/**
 * Wrong results of one identity that may stand open on average until the first is drawn: (1 − q')/q', where q' is what
 * is left of q when a share of the partners colludes with the liar.
 */
export function wrongResultsBound(level: TrustLevel, colludingShare: number): number {
  const effective = level.auditProbability * (1 - colludingShare);
  return (1 - effective) / effective;
}
