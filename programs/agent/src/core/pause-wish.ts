import type { AgentEvent } from './agent-state.ts';
import type { StateStore } from './host.ts';
import { type PauseRecord, recordNames } from './records.ts';

/** Keeps the member's wish for the next start: a pause until then, a pause without an end (`{}`), or none. */
export function rememberPause(store: StateStore, pause: PauseRecord | undefined): Promise<void> {
  return store.update<PauseRecord>(recordNames.pause, () => pause);
}

/** The pause that an earlier run left, as an event; undefined where there was none, or it is over. */
export async function rememberedPause(
  store: StateStore,
  now: Date,
): Promise<Extract<AgentEvent, { kind: 'pause' }> | undefined> {
  const pause = await store.read<PauseRecord>(recordNames.pause);
  if (pause === undefined) return undefined;
  const { untilMs } = pause;
  if (untilMs === undefined) return { kind: 'pause' };
  return untilMs > now.getTime() ? { kind: 'pause', untilMs } : undefined;
}
