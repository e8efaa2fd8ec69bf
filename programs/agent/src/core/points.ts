import { readTerminal } from '@taika/protocol/dispatch/registrations';
import type { ReplyOf } from '@taika/protocol/route';
import type { Clock } from '@taika/runtime/clock';
import type { DispatchCalls } from './dispatch-calls.ts';

export type PointsBalance = ReplyOf<typeof readTerminal>['points'];

/** The member's points as the dispatch server last told them. */
export interface PointsView {
  readonly latest: PointsBalance | undefined;
  /** Asks anew where the last answer is older than a few seconds. Never throws and never waits long: what is shown may be old. */
  refresh(): Promise<void>;
}

const freshForMs = 2_000;
const patienceMs = 1_500;

/** Asked only when somebody looks, so that a thousand agents cost the server nothing. */
export function createPointsView(dispatch: DispatchCalls, clock: Clock): PointsView {
  let latest: PointsBalance | undefined;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  return {
    get latest() {
      return latest;
    },
    async refresh() {
      if (clock.monotonicMs() - askedAtMs < freshForMs) return;
      askedAtMs = clock.monotonicMs();
      const signal = AbortSignal.timeout(patienceMs);
      await dispatch
        .asTerminal((caller) => caller.call(readTerminal, { signal }), signal)
        .then(
          ({ points }) => {
            latest = points;
          },
          () => {},
        );
    },
  };
}
