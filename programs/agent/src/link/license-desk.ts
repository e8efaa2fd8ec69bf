import type { KeyPair } from '@taika/crypto/keys';
import type { LinkRefusal } from '@taika/protocol/local-link';

/** What the agent can promise to one application at the moment. */
export type DeskAnswer =
  | {
      readonly kind: 'granted';
      readonly grant: string;
      readonly license: string;
      /** How many running copies of the application the license covers. */
      readonly seatsMax: number;
      /** Present while the agent is about to stop serving: how long it still will, and why. */
      readonly draining?: { readonly inMs: number; readonly reason: LinkRefusal };
    }
  | { readonly kind: 'refused'; readonly reason: LinkRefusal };

/** Where the link asks what it may promise. The agent's core answers from its grants, consent and state. */
export interface LicenseDesk {
  readonly terminal: KeyPair;
  consult(app: string): DeskAnswer;
  /** Calls the listener whenever an answer may have changed; gives a function that ends that. */
  onChange(listener: () => void): () => void;
}
