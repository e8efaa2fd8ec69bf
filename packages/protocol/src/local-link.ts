import type { TokenType } from './tokens.ts';

/**
 * The local link between one application and the agent on the same machine: a Unix socket or named pipe.
 * Frames are a 4-byte little-endian length and that many bytes of UTF-8 JSON, at most 64 KiB. The
 * application speaks first; the agent writes nothing before a valid hello. Messages carry durations, never
 * wall times. The picture and the rules are in docs/LICENSE-PROTOCOL.md.
 */
export const linkVersion = 1;
export const linkFrameBytesMax = 64 * 1024;

/** Durations of the license protocol, in milliseconds. */
export const linkTimes = {
  leaseValidForMs: 90_000,
  leaseRenewAfterMs: 30_000,
  /** Renewals are spread by this share, so that applications do not call at once. */
  leaseRenewSpread: 0.2,
  /** After a lost agent and an ended lease: everything still works, with a plain notice. */
  graceMs: 5 * 60_000,
} as const;

export interface HelloMessage {
  readonly type: 'hello';
  readonly v: number;
  /** The product's short name. */
  readonly app: string;
  readonly build: string;
  /** The application's own Ed25519 public key, base64url, made anew at each start. */
  readonly epk: string;
  /** 32 random bytes, base64url. */
  readonly nonce: string;
}

/** The agent's answer: who it is, and its proof over both nonces. */
export interface WelcomeMessage {
  readonly type: 'welcome';
  readonly v: number;
  readonly agentVersion: string;
  /** The terminal's Ed25519 public key, base64url; its thumbprint must be the grant's `cnf.jkt`. */
  readonly terminalKey: string;
  readonly grant: string;
  readonly nonce: string;
  /** `linkProof` token by the terminal's key: {appNonce, agentNonce, epk, app}. */
  readonly proof: string;
}

/** Ask for a lease, or renew it: `seq` is greater than every one before. Idempotent per application key. */
export interface AcquireMessage {
  readonly type: 'acquire';
  readonly seq: number;
  readonly nonce: string;
  /** `acquire` token by the application's key: {seq, nonce, agentNonce}. */
  readonly proof: string;
}

export interface LeaseMessage {
  readonly type: 'lease';
  readonly seq: number;
  /** `lease` token by the terminal's key. */
  readonly lease: string;
  /** A newer grant, where the agent refreshed it since the last message. */
  readonly grant?: string;
}

export interface ReleaseMessage {
  readonly type: 'release';
}

/** The agent will stop serving leases in so many milliseconds, or has stopped. */
export interface DrainingMessage {
  readonly type: 'draining';
  readonly inMs: number;
  readonly reason: LinkRefusal;
}

export interface RevokeMessage {
  readonly type: 'revoke';
  readonly reason: LinkRefusal;
}

export interface RefusalMessage {
  readonly type: 'refusal';
  readonly seq?: number;
  readonly reason: LinkRefusal;
}

export type LinkRefusal = keyof typeof linkRefusals;

/** Every refusal on the link: a code, a sentence for the member, and what to do. */
export const linkRefusals = {
  no_seat: {
    sentence: 'The license is in use by as many copies of this application as it allows.',
    remedy: 'Close the other copy.',
  },
  not_computing: {
    sentence: 'This machine is not computing for the license.',
    remedy: 'Run `taika agent resume`, or buy the application for money.',
  },
  app_not_granted: {
    sentence: 'The license does not cover this application.',
    remedy: 'Register for it with `taika agent register`.',
  },
  no_grant: {
    sentence: 'The agent has no valid grant from the vendor.',
    remedy: 'Wait a moment, or see `taika agent status` for the reason.',
  },
  policy: {
    sentence: 'The vendor’s policy refuses the license.',
    remedy: 'See `taika agent status` for the reason.',
  },
  suspended: {
    sentence: 'The license rests: the contractor found a wrong result of this machine and checks the others.',
    remedy:
      'Let the agent run: where the fault looks like the hardware’s, the license is back by itself. See `taika agent status`.',
  },
  revoked: {
    sentence: 'The license was revoked: the contractor gives this machine no more work.',
    remedy: 'Ask the contractor why; the application can be bought for money.',
  },
  ended: {
    sentence: 'The license has ended: the vendor has no registration of this machine for it any more.',
    remedy: 'Register again with `taika agent register`, or buy the application for money.',
  },
  stopping: { sentence: 'The license agent was stopped.', remedy: 'Start it again with `taika agent run`.' },
  consent_withdrawn: {
    sentence: 'The member withdrew the consent to compute.',
    remedy: 'Read and accept the text again with `taika agent consent`, or buy the application for money.',
  },
  bad_frame: {
    sentence: 'The message is not a valid frame.',
    remedy: 'Update the application or the agent.',
  },
  bad_proof: { sentence: 'The signature does not fit.', remedy: 'Start the application again.' },
  stale_seq: { sentence: 'The message is older than one already seen.', remedy: 'Send a greater number.' },
} as const satisfies Record<string, { sentence: string; remedy: string }>;

export type AppToAgent = HelloMessage | AcquireMessage | ReleaseMessage;
export type AgentToApp = WelcomeMessage | LeaseMessage | DrainingMessage | RevokeMessage | RefusalMessage;

/** The token types that travel on the link. */
export const linkTokenTypes = [
  'taika-link+jwt',
  'taika-acquire+jwt',
  'taika-lease+jwt',
] as const satisfies TokenType[];
