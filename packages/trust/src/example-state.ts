import { newTerminal, type Pool, type Standing, type TerminalTrust, type TrustState } from './state.ts';

/** States for tests and examples: a standard job of a thousand runs, and a pool of as many TRUSTED strangers as wanted. */
export function exampleState({
  standing = 'trusted',
  partner = null,
  poolSize = 50,
  ...row
}: Partial<TerminalTrust> & {
  readonly standing?: Standing;
  readonly partner?: TerminalTrust | null;
  readonly poolSize?: number;
} = {}): TrustState {
  return {
    terminal: { ...exampleTerminal(1), ...row, standing },
    partner,
    job: { level: 'standard', artefact: 'fast', runs: 1000, newcomerRuns: 0, memberRuns: 0 },
    formerMembers: [],
    pool: examplePool(poolSize),
  };
}

/** Terminal `number` of a member, network and week of its own. */
export function exampleTerminal(number: number, standing: Standing = 'probation'): TerminalTrust {
  return { ...newTerminal({ terminal: number, member: number, network: number, week: number }), standing };
}

/** Terminals 101, 102 and so on, all TRUSTED. */
export function examplePool(size: number): Pool {
  return {
    trusted: size,
    at: (index) => exampleTerminal(101 + index, 'trusted'),
    inWeek: () => 0,
  };
}
