import { RemoteError } from '@taika/http/call';
import type { VendorContext } from './context.ts';

/** What each server was told of already, so that its log says it once and not every ten minutes. */
const told = new WeakMap<VendorContext, Set<string>>();

/**
 * Whether a loop's call failed because the contractor's server is older and does not know the route: nothing is wrong here,
 * and the loop asks again by itself. Says so once, with `what` it does not take.
 */
export function isOlderContractor(context: VendorContext, error: unknown, what: string): boolean {
  if (!(error instanceof RemoteError) || error.code !== 'no-such-route') {
    return false;
  }
  const said = told.get(context) ?? new Set();
  told.set(context, said);
  if (!said.has(what)) {
    said.add(what);
    context.log.warn(
      { answer: error.message },
      `The contractor’s server is older than this one and takes no ${what} yet. It is asked again by itself.`,
    );
  }
  return true;
}
