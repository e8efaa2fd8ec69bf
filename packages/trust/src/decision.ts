import type { DrawSubject } from './draw.ts';
import type { Effect } from './effect.ts';
import type { TrustEvent } from './event.ts';
import type { TrustState } from './state.ts';

/** One decision as it was made: what decide() looked at, where its chance came from, and what it said. */
export interface Decision {
  readonly subject: DrawSubject;
  /** Everything but the pool, which is the same for many decisions and too wide to be kept with each. */
  readonly state: Omit<TrustState, 'pool'>;
  readonly event: TrustEvent;
  readonly effects: readonly Effect[];
}
