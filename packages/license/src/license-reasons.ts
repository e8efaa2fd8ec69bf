import { linkRefusals } from '@taika/protocol/local-link';

/** Why a license is what it is: a code, a sentence for the member, and what to do. */
export interface LicenseReason {
  readonly code: string;
  readonly sentence: string;
  readonly remedy: string;
}

/** What the application itself finds out; what the agent says is in the protocol's table. */
const ownReasons = {
  connecting: { sentence: 'Looking for the license agent.', remedy: 'Wait a moment.' },
  licensed: {
    sentence: 'Licensed: this machine computes for the license.',
    remedy: 'Nothing to do.',
  },
  no_agent: {
    sentence: 'The license agent is not running.',
    remedy: 'Start it with `taika agent run`, or buy the application for money.',
  },
  agent_lost: {
    sentence: 'The license agent ended unexpectedly. Everything still works for a few minutes.',
    remedy: 'Start it again with `taika agent run`.',
  },
  agent_silent: {
    sentence: 'The license agent does not answer.',
    remedy: 'Start it again with `taika agent run`.',
  },
  foreign_socket: {
    sentence: 'The agent’s socket belongs to another user of this machine.',
    remedy: 'Start your own agent with `taika agent run`.',
  },
  untrusted_agent: {
    sentence: 'What answered is not the license agent of this machine’s license.',
    remedy: 'Start the agent that the vendor supplied; register again if this stays.',
  },
  bad_grant: {
    sentence: 'The agent’s grant is not from the vendor of this application.',
    remedy: 'Register at the vendor of this application with `taika agent register`.',
  },
  grant_expired: {
    sentence: 'The vendor’s grant has run out.',
    remedy: 'Connect the machine to the network, and see `taika agent status` for the reason.',
  },
} as const;

export type OwnReason = keyof typeof ownReasons;

/** The sentence and the remedy of a code, of the agent's or of our own. */
export function licenseReason(code: string): LicenseReason {
  const table: Readonly<Record<string, { sentence: string; remedy: string }>> = {
    ...linkRefusals,
    ...ownReasons,
  };
  const entry = Object.hasOwn(table, code) ? table[code] : undefined;
  return { code, ...(entry ?? linkRefusals.policy) };
}
