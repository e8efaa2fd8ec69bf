import type { GrantKeeper } from './grants.ts';
import type { Pace } from './pace.ts';
import { consentedOf, type RegistrationRecord } from './records.ts';

export interface GrantLoopOptions {
  readonly grants: GrantKeeper;
  readonly registrations: () => readonly RegistrationRecord[];
  /**
   * Resolves when the dispatch server has heard from this terminal, or cannot: the vendor asks it about us, and refuses
   * a terminal that it has not seen.
   */
  readonly introduced: Promise<unknown>;
  readonly pace: Pace;
  readonly stopping: AbortSignal;
}

/** Keeps the grants of all licenses fresh, each as often as its vendor wants. */
export async function runGrantLoop({
  grants,
  registrations,
  introduced,
  pace,
  stopping,
}: GrantLoopOptions): Promise<void> {
  await introduced;
  while (!stopping.aborted) {
    pace.begin();
    const waits = await Promise.all(
      consentedOf(registrations()).map((each) => grants.refresh(each, stopping).catch(() => 0)),
    );
    await pace.rest(Math.min(...waits.filter((ms) => ms > 0)));
  }
}
