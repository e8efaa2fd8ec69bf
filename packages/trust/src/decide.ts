/**
 * Which results may be believed. One pure function: the dispatch server, the simulator and the tests call this one.
 *
 * A terminal:
 *
 *            20 checked results right                 a wrong result, a wrong copy, a voucher for a lie,
 *   PROBATION ──────────────────────▶ TRUSTED          agreement with a decoy's lie: each by the reference's word
 *     ▲   ▲ ◀───────────────────────────┘│                     │
 *     │   │   30 idle days, new runtime  └─────────────────────┤
 *     │   └────────────────────────────────────────────────────┤ (from PROBATION too)
 *     │        once, for a fault that looks like hardware      ▼
 *     └──────────────────────────────────────────────────── REVOKED
 *
 * A run of a job:
 *
 *   committed ─▶ quarantined ─▶ final            A further audits passed, or the job's flush
 *                  │   ▲  └──▶ copy wanted ──▶ equal: back to quarantined, its terminal passed an audit
 *                  │   │                └────▶ differs: the reference executor judges
 *                  ▼   └ computed again                     └─▶ settled with the reference's answer
 *               dropped (its terminal was revoked)     final ─▶ recalled ─▶ same, or corrected
 *
 *   a decoy's: committed ─▶ copy wanted ──▶ differs: computed again
 *                                    └────▶ equal: the reference executor judges who agreed ─▶ computed again
 *
 *   Nobody is left who may have it: computed by the reference executor ─▶ final
 *
 * Invariants:
 * 1. A run is not final before its terminal passed A audits that were drawn after it was committed, or the flush sample
 *    of its terminal and job was all equal, or the reference executor computed it.
 * 2. A run that awaits a copy is not final.
 * 3. Only a TRUSTED terminal or the reference vouches; never one of the same member, network or week, nor of a member who
 *    had the run before.
 * 4. Only the reference executor's word revokes, after it computed the run itself: a terminal against a terminal proves
 *    nothing, and neither does agreement with a decoy, which may have answered rightly.
 *    Where the bits of a NaN can be seen (`fast`), it has computed the run in every form of the program, and all are the same.
 * 5. Whoever computes honestly and without fault is never revoked.
 * 6. What is claimed is in escrow, paid or forfeited; each point in one of these.
 * 7. Nothing is drawn before the result is committed, and no effect that a terminal sees tells an audit from other work.
 * 8. The same state, event and chance give the same effects.
 *
 * Absent on purpose: a reputation that buys fewer than q audits, votes among terminals, and any use of time.
 */
import { decideOffer } from './caps.ts';
import { decideCommit } from './commit.ts';
import { decideComparison } from './compare.ts';
import type { Draw } from './draw.ts';
import type { Effect } from './effect.ts';
import type { TrustEvent } from './event.ts';
import { decideFlushPassed, decideJobEnd } from './flush.ts';
import { decideLapse, decidePicked, decideReturn } from './lapse.ts';
import { decideJudgement, decideLieProven, decideRecallEnded } from './mismatch.ts';
import { decideSeen, restartProbation } from './probation.ts';
import type { TrustState } from './state.ts';

/** What must be done about `event`, in this order and in one transaction. */
export function decide(state: TrustState, event: TrustEvent, draw: Draw): readonly Effect[] {
  switch (event.kind) {
    case 'asked':
      return decideOffer(state);
    case 'committed':
      return decideCommit(state, event, draw);
    case 'referred':
      return [{ kind: 'settle' }];
    case 'compared':
      return decideComparison(state, event, draw);
    case 'judged':
      return decideJudgement(state, event);
    case 'audit-lapsed':
      return decideLapse(state, event.reason);
    case 'damaged':
      return [{ kind: 'retry-transfer' }];
    case 'returned':
      return decideReturn(event.members);
    case 'picked':
      return decidePicked(state, event.reason, draw);
    case 'job-ended':
      return decideJobEnd(state, event);
    case 'flush-passed':
      return decideFlushPassed(state);
    case 'lie-proven':
      return decideLieProven(state.terminal);
    case 'recall-ended':
      return decideRecallEnded(state.terminal, event);
    case 'seen':
      return decideSeen(state.terminal, event.idleDurationMs);
    case 'updated':
      return restartProbation(state.terminal, 'updated');
  }
}
