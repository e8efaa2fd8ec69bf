import { readVendor } from '@taika/protocol/dispatch/parties';
import type { ReplyOf } from '@taika/protocol/route';
import type { VendorContext } from '../context.ts';

/** What the contract pays: a fee for each registration, or for each license-month. */
export type LicenseFeeRule = ReplyOf<typeof readVendor>['licenseFee'];

/** Months in UTC in which a rule counts for a product: the first included, the last not. */
export interface TermPeriod {
  readonly product: string;
  readonly fromMonth: string;
  /** Null where no other rule follows. */
  readonly beforeMonth: string | null;
  readonly rule: LicenseFeeRule;
}

/** The contract: the rules that a product had, has and will have, in their order. */
export type Contract = (product: string) => readonly TermPeriod[];

/** Reads the contract from the contractor. A change is seen within minutes; asking for each claim would double the calls. */
export function createContractReader(): (context: VendorContext) => Promise<Contract> {
  let known: { readonly contract: Contract; readonly untilMs: number } | undefined;
  return async ({ dispatch, clock }) => {
    if (known === undefined || known.untilMs < clock.monotonicMs()) {
      const contract = contractOf(await dispatch.call(readVendor));
      known = { contract, untilMs: clock.monotonicMs() + rememberedMs };
    }
    return known.contract;
  };
}

const rememberedMs = 5 * 60_000;

/** Pure. A contractor that is older than dated terms tells those of the present, which then count for all months. */
export function contractOf({
  licenseFee,
  productFees = [],
  productTerms = productFees,
}: Pick<ReplyOf<typeof readVendor>, 'licenseFee' | 'productFees' | 'productTerms'>): Contract {
  return (product) => {
    const dated: readonly { readonly from: string; readonly rule: LicenseFeeRule }[] = [
      { from: everSince, rule: licenseFee },
      ...productTerms
        .filter((each) => each.product === product)
        .map((rule) => ({ from: ('from' in rule ? rule.from : undefined) ?? everSince, rule })),
    ];
    return dated
      .map(({ from, rule }, index) => {
        const beforeMonth = dated[index + 1]?.from ?? null;
        return { product, fromMonth: from, beforeMonth, rule };
      })
      .filter(({ fromMonth, beforeMonth }) => beforeMonth === null || fromMonth < beforeMonth);
  };
}

/** Before all months. */
const everSince = '0000-01';

/** All months of a product, whatever its rule is. */
export function allMonths(product: string): Omit<TermPeriod, 'rule'> {
  return { product, fromMonth: everSince, beforeMonth: null };
}
