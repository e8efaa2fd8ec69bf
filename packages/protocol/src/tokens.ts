/**
 * Every signed token of the system has its own `typ`, so that none can be used in another's place.
 * All are compact JWS by Ed25519.
 */
export const tokenTypes = {
  /** Terminal → vendor → dispatch: this key wants to be registered for this product. */
  registrationProof: 'taika-registration+jwt',
  /** Terminal → dispatch: the answer to a challenge, for a session. */
  challengeAnswer: 'taika-challenge+jwt',
  /** Terminal → dispatch: the member agreed to this text with these limits. */
  consent: 'taika-consent+jwt',
  /** Vendor → agent: the license in short form, at most 60 minutes. */
  grant: 'taika-grant+jwt',
  /** Dispatch → vendor and agent: the evidence of work, 15 minutes. */
  receipt: 'taika-receipt+jwt',
  /** Agent → one application: may run for 90 seconds. */
  lease: 'taika-lease+jwt',
  /** Agent → application: this agent holds the key that the grant names. */
  linkProof: 'taika-link+jwt',
  /** Application → agent: this is the application that said hello. */
  acquire: 'taika-acquire+jwt',
  /** Terminal → service → dispatch: spend these points on this order. */
  orderConfirmation: 'taika-order+jwt',
  /** A vendor's signed request. */
  request: 'taika-request+jwt',
  /** Dispatch → terminal: this artefact is what an admitted program was rewritten to. See `ArtefactClaims`. */
  artefact: 'taika-artefact+jwt',
  /** Contractor and vendor, to each other: the SHA-256 of a statement. Has no `exp`: what was stated stays stated. */
  statement: 'taika-statement+jwt',
  /** Vendor: what a download must hash to. */
  releaseManifest: 'taika-release+jwt',
} as const;

export type TokenType = (typeof tokenTypes)[keyof typeof tokenTypes];

/** Claims of a registration proof. `sub` is the thumbprint of the terminal's key, which also signs. */
export interface RegistrationProofClaims {
  readonly sub: string;
  /** The vendor's id: a proof for one vendor is worthless at another. */
  readonly aud: string;
  readonly registration: string;
  readonly product: string;
  readonly iat: number;
  readonly exp: number;
}

export interface ConsentClaims {
  /** Thumbprint of the terminal's key. */
  readonly sub: string;
  readonly jti: string;
  readonly product: string;
  readonly vendor: string;
  readonly textVersion: string;
  /** SHA-256 of the text that was shown, in the locale that was shown. */
  readonly textSha256: string;
  readonly locale: 'en' | 'ja';
  readonly limits: { readonly cores: number; readonly memoryMiB: number };
  readonly iat: number;
}

/** LEASE.md: the vendor's short signed proof, bound to the terminal's key by `cnf.jkt` (RFC 7800). */
export interface GrantClaims {
  readonly iss: string;
  readonly sub: string;
  readonly license: string;
  readonly apps: readonly string[];
  readonly entitlements: readonly string[];
  readonly cnf: { readonly jkt: string };
  readonly iat: number;
  readonly exp: number;
  /** Instant in seconds until which the agent may go on while the servers are out of reach. */
  readonly offlineUntil: number;
  readonly graceSeconds: number;
}

/** Evidence of work of one member's terminal in the policy's window, as the dispatch server knows it. */
export interface ReceiptClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly pointsCommitted: string;
  readonly pointsFinal: string;
  readonly pointsForfeited: string;
  readonly state: 'computing' | 'idle-no-work' | 'paused' | 'not-computing' | 'absent';
  /**
   * How often the terminal was let in again after its right to compute was taken; absent for never, and from an older server.
   * Only a receipt that counts more than the last one known lifts a suspension, so one from before lifts nothing.
   */
  readonly reentries?: number;
  readonly iat: number;
  readonly exp: number;
}

/** The agent's promise to one running application. Durations, not wall times: clocks can be set back. */
export interface LeaseClaims {
  readonly app: string;
  /** Thumbprint of the application's own key, made anew at each start. */
  readonly appKey: string;
  /** The nonce of the request that this lease answers. */
  readonly nonce: string;
  readonly seq: number;
  readonly state: 'active' | 'draining' | 'grace';
  readonly validForMs: number;
  readonly renewAfterMs: number;
}

/** The contractor's word for a rewritten program. Has no `exp`: what it says stays true. */
export interface ArtefactClaims {
  /** SHA-256 of the program as the customer uploaded it. */
  readonly programHash: string;
  /** SHA-256 of the artefact. */
  readonly sha256: string;
  /** `fast` and `strict` are what jobs run; the others only judge (docs/TRUST.md). */
  readonly kind: 'fast' | 'strict' | 'positive' | 'negative' | 'mixed';
  /** Version of the cost table that its fuel is counted in. */
  readonly costTable: number;
  readonly iat: number;
}

export interface OrderConfirmationClaims {
  /** Thumbprint of the terminal's key. */
  readonly sub: string;
  /** The vendor's id. */
  readonly aud: string;
  readonly order: string;
  readonly pointsMilli: string;
  readonly priceMilli: string;
  readonly currency: string;
  readonly iat: number;
  readonly exp: number;
}
