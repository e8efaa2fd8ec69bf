import { absenceOf } from './absence.ts';
import type { Desk } from './desk.ts';
import { act } from './perform.ts';
import type { TrustRun } from './trust-run.ts';

/**
 * A terminal handed in a result, or a copy of `run`. Back after long, or with another version: that is decided about
 * before anything of it is believed. `occasion` tells copies of one run from one another.
 */
export async function noteSighting(
  desk: Desk,
  run: TrustRun,
  { terminalNumber, occasion }: { readonly terminalNumber: bigint; readonly occasion: string },
): Promise<void> {
  const known = desk.terminal(terminalNumber);
  const { idleDurationMs, isUpdated } = absenceOf(known, desk.now);
  const about = { run, author: terminalNumber };
  if (idleDurationMs > dayMs) {
    await act(desk, { kind: 'seen', idleDurationMs }, { ...about, occasion: `seen${occasion}` });
  }
  if (isUpdated) {
    await act(desk, { kind: 'updated' }, { ...about, occasion: `updated${occasion}` });
  }
  desk.change(terminalNumber, {
    activeAt: desk.now,
    ...(known.seenVersion === null ? {} : { agentVersion: known.seenVersion }),
  });
}

/** Shorter absences change nothing, so they are not worth a decision. */
const dayMs = 24 * 3_600_000;
