import type { CycleReplyText } from '@taika/protocol/dispatch/cycle';

/**
 * When the server is called next, in milliseconds of the monotonic clock. Three instants decide: units are asked for
 * from the first on, whatever happens not before the second, and the third is for saying no more than "I am here".
 */
export interface CallSchedule {
  /** Nothing keeps this terminal from asking for units. */
  mayAsk(nowMs: number): boolean;
  isDue(nowMs: number, isWanting: boolean): boolean;
  /** When something is due next by itself. */
  nextAtMs(hasRoom: boolean): number;
  callAtOnce(): void;
  /** Forgets what kept it from asking: the member wants it. */
  askAtOnce(): void;
  noteReply(reply: CycleReplyText, isWanting: boolean, nowMs: number): void;
  /** The server, or this machine, refuses what only the member, the contractor or time mends. */
  noteRefusal(by: 'server' | 'machine', nowMs: number): void;
  /** A run ended; one that could not even be begun makes the next one wait, longer with each. */
  noteRun(hasFailed: boolean, nowMs: number): void;
}

/** After a refusal. */
const refusedWaitMs = 30_000;
/** After a run that could not even be begun: first wait, doubled with each further one. */
const failureWaitMs = 1000;

export function createCallSchedule(): CallSchedule {
  let wantAtMs = 0;
  let barredUntilMs = 0;
  let callAtMs = 0;
  let failuresInRow = 0;
  return {
    mayAsk: (nowMs) => nowMs >= barredUntilMs,
    isDue: (nowMs, isWanting) => (isWanting && nowMs >= wantAtMs) || nowMs >= callAtMs,
    nextAtMs: (hasRoom) => (hasRoom ? Math.min(callAtMs, Math.max(wantAtMs, barredUntilMs)) : callAtMs),
    callAtOnce() {
      callAtMs = 0;
    },
    askAtOnce() {
      wantAtMs = 0;
      barredUntilMs = 0;
    },
    noteReply({ assignments, comeBackMs }, isWanting, nowMs) {
      callAtMs = nowMs + comeBackMs;
      if (isWanting) wantAtMs = assignments.length === 0 ? callAtMs : 0;
    },
    noteRefusal(by, nowMs) {
      barredUntilMs = nowMs + refusedWaitMs;
      if (by === 'server') callAtMs = barredUntilMs;
    },
    noteRun(hasFailed, nowMs) {
      failuresInRow = hasFailed ? failuresInRow + 1 : 0;
      if (failuresInRow > 0)
        barredUntilMs = nowMs + Math.min(refusedWaitMs, failureWaitMs * 2 ** failuresInRow);
    },
  };
}
