import type { Fact, Locale } from './document.ts';

/** A text in both languages. */
type Both = Readonly<Record<Locale, string>>;

/** What a document calls itself. */
export const titles = {
  invoice: { ja: '請求書', en: 'Invoice' },
  'credit-note': { ja: '返還請求書', en: 'Credit note' },
  'self-billed-claim': { ja: '仕入明細書', en: 'Self-billed claim' },
  'self-billed-credit-note': { ja: '仕入返還明細書', en: 'Self-billed credit note' },
  statement: { ja: '取引明細書', en: 'Statement' },
} as const satisfies Record<string, Both>;

/** What a document that was taken back calls itself. */
export function voidTitle(title: Both): Both {
  return { ja: `${title.ja}（取消）`, en: `${title.en} (void)` };
}

/** Every other word of a document. */
export const labels = {
  number: { ja: '番号', en: 'Number' },
  issued: { ja: '発行日', en: 'Issued' },
  due: { ja: '支払期限', en: 'Due' },
  period: { ja: '対象期間', en: 'Period' },
  voided: { ja: '取消日', en: 'Void since' },
  voidedAmount: { ja: '取消済み：お支払いは不要です', en: 'Void: nothing is owed' },
  corrects: { ja: '対象請求書', en: 'Corrects' },
  registration: { ja: '登録番号', en: 'Registration number' },
  seller: { ja: '発行者', en: 'From' },
  supplier: { ja: '供給者', en: 'Supplier' },
  buyer: { ja: '宛先', en: 'To' },
  issuer: { ja: '作成者', en: 'Issued by' },
  counterparty: { ja: '相手先', en: 'With' },
  amountDue: { ja: 'ご請求金額（税込）', en: 'Amount due, tax included' },
  amountCredited: { ja: '返還金額（税込）', en: 'Amount credited, tax included' },
  amountPayable: { ja: 'お支払金額（税込）', en: 'Amount payable, tax included' },
  closing: { ja: '累計', en: 'Stated in total' },
  opening: { ja: '前日までの累計', en: 'Stated before' },
  description: { ja: '内容', en: 'Description' },
  rate: { ja: '税率', en: 'Tax' },
  amount: { ja: '金額（税抜）', en: 'Amount before tax' },
  eventAmount: { ja: '金額', en: 'Amount' },
  day: { ja: '日付', en: 'Day' },
  taxable: { ja: '対象額', en: 'Taxable' },
  tax: { ja: '消費税', en: 'Consumption tax' },
  net: { ja: '小計（税抜）', en: 'Net' },
  total: { ja: '合計（税込）', en: 'Total' },
  untaxedAmount: { ja: '不課税', en: 'Not subject to tax' },
  untaxed: { ja: '対象外', en: 'none' },
  match: { ja: '照合', en: 'Match' },
  chain: { ja: '帳簿の鎖の先端', en: 'Head of the book’s chain' },
  job: { ja: '業務', en: 'Job' },
  order: { ja: '注文', en: 'Order' },
  registrationOf: { ja: '登録', en: 'Registration' },
  rounding: {
    ja: '明細の金額は端数処理前のものです。端数処理は税率ごとに一回行います。',
    en: 'Amounts of lines are exact. They are rounded once for each rate of tax.',
  },
  selfBilling: {
    ja: '買手が作成した仕入明細書です。相違があれば明細ごとにお知らせください。',
    en: 'Prepared by the buyer. Confirm or dispute it line by line.',
  },
  selfBilledCredit: {
    ja: '買手が作成した返還明細書です。対象の仕入明細書から差し引かれます。',
    en: 'Prepared by the buyer. It is taken off the claim that it corrects.',
  },
} as const satisfies Record<string, Both>;

/** Names of facts. */
export const facts: Readonly<Record<Fact['name'], Both>> = {
  units: { ja: '処理単位', en: 'units' },
  fuel: { ja: '計算量', en: 'fuel' },
  'fuel-invoiced': { ja: '請求済み計算量', en: 'fuel invoiced' },
  price: { ja: '単価', en: 'price' },
  level: { ja: '信頼水準', en: 'trust level' },
  factor: { ja: '係数', en: 'factor' },
  'beyond-limit': { ja: '合意した上限を超える分', en: 'beyond the agreed maximum' },
  'rate-version': { ja: '料金表', en: 'rate card' },
  month: { ja: '対象月', en: 'month' },
  event: { ja: '取引', en: 'event' },
  evidence: { ja: '証跡', en: 'evidence' },
  state: { ja: '状態', en: 'state' },
  reason: { ja: '理由', en: 'reason' },
};

/** What the events of a statement are; a word that is not here stays as it is. */
const eventKinds: Readonly<Record<string, string>> = {
  discount: 'ポイント値引',
  'license fee': 'ライセンス料',
  payment: '支払',
  refund: 'ポイント値引の返金',
  cancelled: '取消',
};

/** How an event of a statement stands, and why; `{theirs}` is what the other book has. */
const matchStates: Readonly<Record<string, { readonly state: string; readonly reason?: string }>> = {
  matched: { state: '一致' },
  waiting: { state: '照合待ち', reason: '相手方の取引明細書がまだ届いていません。' },
  'missing-theirs': { state: '相手方になし', reason: '相手方の取引明細書に記載がありません。' },
  'missing-ours': { state: '当方になし', reason: '当方の帳簿に記載がありません。' },
  'amount-differs': { state: '金額相違', reason: '相手方の金額は {theirs} です。' },
};

/** What an event is, in words of the document's language. */
export function eventText(description: string, locale: Locale): string {
  return locale === 'ja' ? (eventKinds[description] ?? description) : description;
}

/** How an event stands and why, in words of the document's language. */
export function matchText(
  match: { readonly state: string; readonly reason?: string | undefined },
  { locale, theirs }: { readonly locale: Locale; readonly theirs: string },
): { readonly text: string; readonly below?: string } {
  const known = locale === 'ja' ? matchStates[match.state] : undefined;
  const reason = known === undefined ? match.reason : known.reason?.replace('{theirs}', theirs);
  return {
    text: known?.state ?? match.state.replaceAll('-', ' '),
    ...(reason === undefined ? {} : { below: reason }),
  };
}
