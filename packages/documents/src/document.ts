import type { Currency } from '@taika/ledger/money';
import { invoiceTotals, type TaxGroup } from '@taika/ledger/tax';

/** A company or person as a document names it. */
export interface Party {
  readonly id: string;
  readonly name: string;
  /** Of a Japanese issuer of qualified invoices: T and 13 digits. */
  readonly registrationNumber?: string | undefined;
  /** One line without the country. */
  readonly address?: string | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/** A day as `yyyy-mm-dd`, in UTC. */
export type Day = string;

/** The first and the last day, both included. */
export interface Period {
  readonly from: Day;
  readonly to: Day;
}

/** What a line is about, and where a reader finds it. */
export interface Subject {
  readonly kind: 'job' | 'registration' | 'order';
  readonly id: string;
}

/** Something that a line's amount comes from, such as units or fuel; shown as it is. */
export interface Fact {
  readonly name:
    | 'units'
    | 'fuel'
    | 'fuel-invoiced'
    | 'price'
    | 'level'
    | 'factor'
    | 'rate-version'
    | 'beyond-limit'
    | 'month'
    | 'event'
    | 'evidence'
    | 'state'
    | 'reason';
  readonly value: string;
}

/** One line. The amount excludes tax, at the scale of the books, exact: it is rounded with its rate's other lines, once. */
export interface DocumentLine {
  readonly description: string;
  readonly subject: Subject;
  readonly facts: readonly Fact[];
  readonly amount: bigint;
  readonly rateBasisPoints: number;
}

/**
 * A document that claims money. In a credit note the amounts are positive: it says how much less is owed. A self-billed
 * claim, and a credit note that corrects one (261), is prepared by the buyer in the supplier's name (UNTDID 1001: 389), so its seller is the supplier all the same.
 */
export interface Invoice {
  readonly kind: 'invoice' | 'credit-note' | 'self-billed-claim' | 'self-billed-credit-note';
  readonly number: string;
  readonly issuedOn: Day;
  readonly dueOn?: Day | undefined;
  readonly period: Period;
  readonly currency: Currency;
  readonly seller: Party;
  readonly buyer: Party;
  /** The invoice that a credit note corrects. */
  readonly corrects?: { readonly number: string; readonly issuedOn: Day } | undefined;
  /** When it was taken back: nothing is owed for it, and its number stays. */
  readonly voidedOn?: Day | undefined;
  readonly lines: readonly DocumentLine[];
  readonly groups: readonly TaxGroup[];
  readonly net: bigint;
  readonly tax: bigint;
  readonly total: bigint;
}

/** One event of a statement, as its issuer's book has it. Positive: the contractor owes it to the vendor. */
export interface StatementLine {
  readonly event: string;
  readonly on: Day;
  readonly description: string;
  readonly amount: bigint;
  /** How it stands against the other book, once that is known. */
  readonly match?:
    | {
        readonly state: string;
        readonly reason?: string | undefined;
        /** What the other book has, where both have it. */
        readonly theirs?: bigint | undefined;
      }
    | undefined;
}

/** What two companies compare: the events of a period, with the head of the issuer's chain as witness of its whole book. */
export interface Statement {
  readonly kind: 'statement';
  readonly number: string;
  readonly issuedOn: Day;
  readonly period: Period;
  readonly currency: Currency;
  readonly issuer: Party;
  readonly counterparty: Party;
  readonly opening: bigint;
  readonly lines: readonly StatementLine[];
  readonly closing: bigint;
  readonly chainHead: { readonly position: bigint; readonly hash: string };
}

/** Everything that can be sent. */
export type BusinessDocument = Invoice | Statement;

/** In which languages labels are. Names and descriptions stay as they were written. */
export type Locale = 'ja' | 'en';

/** Whether it says how much less is owed. */
export function isCreditNote({ kind }: Pick<Invoice, 'kind'>): boolean {
  return kind === 'credit-note' || kind === 'self-billed-credit-note';
}

/** Whether the buyer prepared it in the supplier's name. */
export function isSelfBilled({ kind }: Pick<Invoice, 'kind'>): boolean {
  return kind === 'self-billed-claim' || kind === 'self-billed-credit-note';
}

/** Makes an invoice of its lines: rounded, and taxed, once for each rate. */
export function invoiceOf(invoice: Omit<Invoice, 'groups' | 'net' | 'tax' | 'total'>): Invoice {
  return { ...invoice, ...invoiceTotals(invoice.lines) };
}

/** Makes a statement of its lines. */
export function statementOf(statement: Omit<Statement, 'closing' | 'kind'>): Statement {
  const closing = statement.lines.reduce((sum, { amount }) => sum + amount, statement.opening);
  return { kind: 'statement', ...statement, closing };
}

/** Whether the text is a registration number of an issuer of qualified invoices. */
export function isRegistrationNumber(text: string): boolean {
  return /^T\d{13}$/.test(text);
}
