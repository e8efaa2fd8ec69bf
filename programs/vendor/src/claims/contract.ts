import { readVendor } from '@taika/protocol/dispatch/parties';
import type { ReplyOf } from '@taika/protocol/route';
import type { VendorContext } from '../context.ts';

/** What the contract pays: a fee for each registration, or for each license-month. */
export type LicenseFeeRule = ReplyOf<typeof readVendor>['licenseFee'];

/** Reads the contract from the contractor. A change is seen within minutes; asking for each claim would double the calls. */
export function createContractReader(): (context: VendorContext) => Promise<LicenseFeeRule> {
  let known: { readonly rule: LicenseFeeRule; readonly untilMs: number } | undefined;
  return async ({ dispatch, clock }) => {
    if (known === undefined || known.untilMs < clock.monotonicMs()) {
      const { licenseFee } = await dispatch.call(readVendor);
      known = { rule: licenseFee, untilMs: clock.monotonicMs() + rememberedMs };
    }
    return known.rule;
  };
}

const rememberedMs = 5 * 60_000;
