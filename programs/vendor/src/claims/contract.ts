import { readVendor } from '@taika/protocol/dispatch/parties';
import type { ReplyOf } from '@taika/protocol/route';
import type { VendorContext } from '../context.ts';

/** What the contract pays: a fee for each registration, or for each license-month. */
export type LicenseFeeRule = ReplyOf<typeof readVendor>['licenseFee'];

/** The contract: the rule for each product. */
export type Contract = (product: string) => LicenseFeeRule;

/** Reads the contract from the contractor. A change is seen within minutes; asking for each claim would double the calls. */
export function createContractReader(): (context: VendorContext) => Promise<Contract> {
  let known: { readonly contract: Contract; readonly untilMs: number } | undefined;
  return async ({ dispatch, clock }) => {
    if (known === undefined || known.untilMs < clock.monotonicMs()) {
      const { licenseFee, productFees = [] } = await dispatch.call(readVendor);
      const byProduct = new Map(productFees.map((rule) => [rule.product, rule]));
      known = {
        contract: (product) => byProduct.get(product) ?? licenseFee,
        untilMs: clock.monotonicMs() + rememberedMs,
      };
    }
    return known.contract;
  };
}

const rememberedMs = 5 * 60_000;
