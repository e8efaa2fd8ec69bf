import { type Caller, createCaller } from '@taika/http/call';
import { systemClock } from '@taika/runtime/clock';
import { systemRandom } from '@taika/runtime/random';

/** Calls the vendor server as a service's back end. The key stays here; no browser ever sees it. */
export function createVendorCalls(vendorUrl: string, serviceKey: string): Caller {
  return createCaller({
    baseUrl: vendorUrl,
    authorize: () => ({ authorization: `Bearer ${serviceKey}` }),
    clock: systemClock,
    random: systemRandom,
    attemptsMax: 2,
    timeoutMs: 15_000,
    userAgent: 'taika-example-service',
  });
}
