import { RemoteError } from '@taika/http/call';
import { type CycleReplyText, type CycleRequestText, cycle } from '@taika/protocol/dispatch/cycle';
import { backoffMs } from '@taika/runtime/backoff';
import type { DispatchCalls } from '../dispatch-calls.ts';
import type { Host } from '../host.ts';

/** Longest wait between attempts: the server re-issues what is late, so nothing is gained by haste. */
const bounds = { baseMs: 500, capMs: 30_000 };

/**
 * Makes one call of the cycle until it is answered, always under the same id, so that a reply that was lost on the way
 * is given again and nothing is counted twice. `failed` is told of each failed attempt. Throws what no repetition mends.
 */
export async function callCycle(
  host: Host,
  dispatch: DispatchCalls,
  request: CycleRequestText,
  { failed, signal }: { readonly failed: (error: RemoteError) => void; readonly signal: AbortSignal },
): Promise<CycleReplyText> {
  for (let attempt = 0; ; attempt++) {
    try {
      const body = attempt === 0 ? request : { ...request, retry: true };
      return await dispatch.asTerminal((caller) => caller.call(cycle, { body, signal }), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof RemoteError) || !error.retryable) throw error;
      failed(error);
      const waitMs =
        Math.min(bounds.capMs, error.retryAfterMs ?? 0) + backoffMs(attempt, bounds, host.random);
      await host.clock.sleep(waitMs, signal);
    }
  }
}
