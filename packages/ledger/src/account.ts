import { moneyScale } from './money.ts';
import { POINTS, POINTS_SCALE } from './points.ts';

/** The side on which an account grows. */
export type Side = 'debit' | 'credit';

/** What is counted: points, or money in one currency. */
export type Commodity = string;

/** One kind of account in a chart. `{…}` in the pattern stands for an id or a month. */
export type AccountKind = Readonly<{
  pattern: string;
  side: Side;
  /** Never overdrawn, holds included: a constraint of the table. */
  bounded: boolean;
  meaning: string;
}>;

const CONTRACTOR_CHART: readonly AccountKind[] = [
  kind('cash', 'debit', 'money in the bank'),
  kind('receivable:customer:{customer}', 'debit', 'invoiced and not yet paid'),
  bounded('deposit:customer:{customer}', 'paid in advance by a customer'),
  bounded('credit-limit:customer:{customer}', 'memo: what a customer may still owe'),
  kind('memo:credit', 'debit', 'memo: the other side of all credit limits'),
  kind('revenue:compute', 'credit', 'computing sold to customers'),
  kind('tax:in', 'debit', 'tax paid to vendors'),
  kind('tax:out', 'credit', 'tax charged to customers'),
  kind('cost:license', 'debit', 'license fees owed to vendors'),
  kind('cost:points', 'debit', 'points given to members'),
  bounded('payable:vendor:{vendor}:accrued', 'claims of a vendor not yet invoiced'),
  bounded('payable:vendor:{vendor}:invoiced', 'invoices of a vendor not yet paid'),
  bounded('payable:vendor:{vendor}:disputed', 'claims of a vendor that we dispute'),
  kind('receivable:vendor:{vendor}:accrued', 'debit', 'refunds of a vendor that no claim takes off yet'),
  kind(
    'receivable:vendor:{vendor}:invoiced',
    'debit',
    'refunds on claims, to be set off against what is invoiced',
  ),
  kind('receivable:vendor:{vendor}:disputed', 'debit', 'refunds on claims that the vendor disputes'),
  bounded('provision:points', 'what the outstanding points are worth'),
  kind('income:breakage', 'credit', 'points that expired unused'),
  kind('rounding', 'debit', 'what rounding to whole coins left over'),
  kind('points:issued', 'debit', 'all points ever issued'),
  bounded('points:member:{member}:{month}', 'spendable points by the month in which they expire'),
  bounded('points:escrow:{member}', 'points of results that are not final'),
  bounded('points:evidence:{member}', 'points that served as evidence for a license and are never spent'),
  kind('points:redeemed', 'credit', 'points taken off a price'),
  kind('points:expired', 'credit', 'points that expired'),
  kind('points:clawback', 'credit', 'points taken back for wrong results'),
  kind('points:debt:{member}', 'debit', 'points to be taken back that were already spent'),
];

const VENDOR_CHART: readonly AccountKind[] = [
  kind('cash', 'debit', 'money in the bank'),
  kind('receivable:contractor', 'debit', 'license fees and discounts that the contractor owes'),
  kind('receivable:member:{member}', 'debit', 'what a member has not yet paid'),
  kind('revenue:license', 'credit', 'license fees earned'),
  kind('revenue:sales', 'credit', 'goods and services sold'),
  kind('discount:points', 'debit', 'discounts that nobody refunds'),
  kind('tax:in', 'debit', 'tax paid to suppliers'),
  kind('tax:out', 'credit', 'tax charged'),
  kind('rounding', 'debit', 'what rounding to whole coins left over'),
];

/** The charts of accounts, one per kind of company. */
export const CHARTS = { contractor: CONTRACTOR_CHART, vendor: VENDOR_CHART } as const;

const kinds = [...CONTRACTOR_CHART, ...VENDOR_CHART].map((entry) => ({
  entry,
  expression: new RegExp(
    `^${entry.pattern.replace(/\{month\}/g, '\\d{4}-\\d{2}').replace(/\{\w+\}/g, '[\\w.-]+')}$`,
  ),
}));

/** The kind of an account by its code, for example of `deposit:customer:42`. Throws RangeError if no chart has it. */
export function accountKind(code: string): AccountKind {
  const found = kinds.find(({ expression }) => expression.test(code));
  if (!found) throw new RangeError(`No chart of accounts has "${code}".`);
  return found.entry;
}

/** Decimals of an amount of the commodity in the books. */
export function commodityScale(commodity: Commodity): number {
  return commodity === POINTS ? POINTS_SCALE : moneyScale(commodity);
}

/** Codes of the accounts that carry an id. Ids may hold letters, digits, `_`, `.` and `-`. */
export const accountCode = {
  receivableFromCustomer: (customer: string) => `receivable:customer:${customer}`,
  deposit: (customer: string) => `deposit:customer:${customer}`,
  creditLimit: (customer: string) => `credit-limit:customer:${customer}`,
  payableToVendor: (vendor: string, state: 'accrued' | 'invoiced' | 'disputed') =>
    `payable:vendor:${vendor}:${state}`,
  receivableFromVendor: (vendor: string, state: 'accrued' | 'invoiced' | 'disputed') =>
    `receivable:vendor:${vendor}:${state}`,
  pointsOfMember: (member: string, month: string) => `points:member:${member}:${month}`,
  pointsInEscrow: (member: string) => `points:escrow:${member}`,
  pointsOfEvidence: (member: string) => `points:evidence:${member}`,
  pointsDebt: (member: string) => `points:debt:${member}`,
  receivableFromMember: (member: string) => `receivable:member:${member}`,
} as const;

function kind(pattern: string, side: Side, meaning: string): AccountKind {
  return { pattern, side, bounded: false, meaning };
}

function bounded(pattern: string, meaning: string): AccountKind {
  return { pattern, side: 'credit', bounded: true, meaning };
}
