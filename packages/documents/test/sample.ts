import { type DocumentLine, type Invoice, invoiceOf, type Statement, statementOf } from '../src/document.ts';

const contractor = {
  id: '0198f1c2-0000-7000-8000-000000000001',
  name: '株式会社対価コンピューティング',
  registrationNumber: 'T1234567890123',
  address: '東京都千代田区丸の内 1-1-1',
  country: 'JP',
};
const customer = {
  id: '0198f1c2-0000-7000-8000-000000000002',
  name: 'Weather & Sons <Ltd>',
  country: 'JP',
};
const vendor = {
  id: '0198f1c2-0000-7000-8000-000000000003',
  name: '株式会社エディタ工房',
  registrationNumber: 'T9876543210987',
  address: '京都市下京区 2-3',
  country: 'JP',
};

export function jobLine(index: number, amount: bigint, rateBasisPoints = 1000): DocumentLine {
  return {
    description: index % 2 === 0 ? 'ensemble forecast' : '気象アンサンブル予報',
    subject: { kind: 'job', id: `0198f1c2-1111-7000-8000-${String(index).padStart(12, '0')}` },
    facts: [
      { name: 'units', value: String(40 + index) },
      { name: 'fuel', value: String(12_345_678_901n * BigInt(index + 1)) },
      { name: 'price', value: '¥1 / 1,000,000,000' },
      { name: 'level', value: 'standard' },
      { name: 'factor', value: '1.100' },
      { name: 'rate-version', value: '1' },
    ],
    amount,
    rateBasisPoints,
  };
}

export function sampleInvoice(change: Partial<Invoice> = {}): Invoice {
  return invoiceOf({
    kind: 'invoice',
    number: 'INV-2026-000042',
    issuedOn: '2026-11-25',
    dueOn: '2026-12-31',
    period: { from: '2026-11-01', to: '2026-11-25' },
    currency: 'JPY',
    seller: contractor,
    buyer: customer,
    lines: [jobLine(0, 12_345_678n), jobLine(1, 999_999n), jobLine(2, 500n)],
    ...change,
  });
}

export function sampleClaim(): Invoice {
  return sampleInvoice({
    kind: 'self-billed-claim',
    number: 'SBC-2026-000007',
    seller: vendor,
    buyer: contractor,
    lines: [
      {
        description: 'Discount taken off an order',
        subject: { kind: 'order', id: '0198f1c2-2222-7000-8000-000000000001' },
        facts: [{ name: 'event', value: 'order:0198f1c2-2222-7000-8000-000000000001' }],
        amount: 320_000n,
        rateBasisPoints: 0,
      },
      {
        description: 'ライセンス料',
        subject: { kind: 'registration', id: '0198f1c2-3333-7000-8000-000000000001' },
        facts: [{ name: 'month', value: '2026-11' }],
        amount: 500_000n,
        rateBasisPoints: 1000,
      },
    ],
  });
}

export function sampleCreditNote(): Invoice {
  return sampleInvoice({
    kind: 'credit-note',
    number: 'CRN-2026-000001',
    dueOn: undefined,
    corrects: { number: 'INV-2026-000042', issuedOn: '2026-11-25' },
    lines: [jobLine(0, 345_678n)],
  });
}

export function sampleClaimCorrection(): Invoice {
  const claim = sampleClaim();
  return invoiceOf({
    ...claim,
    kind: 'self-billed-credit-note',
    number: 'SCN-2026-000001',
    dueOn: undefined,
    corrects: { number: claim.number, issuedOn: claim.issuedOn },
    lines: claim.lines.slice(1),
  });
}

export function sampleStatement(lines = 5): Statement {
  return statementOf({
    number: 'STM-2026-000031',
    issuedOn: '2026-11-26',
    period: { from: '2026-11-25', to: '2026-11-25' },
    currency: 'JPY',
    issuer: contractor,
    counterparty: vendor,
    opening: 1_250_000n,
    lines: Array.from({ length: lines }, (_, index) => ({
      event: `order:0198f1c2-2222-7000-8000-${String(index).padStart(12, '0')}`,
      on: '2026-11-25',
      description: index % 2 === 0 ? 'discount' : 'license fee',
      amount: 500_000n + BigInt(index) * 1_000n,
      match:
        index === 1
          ? { state: 'amount-differs', reason: 'Our book has ¥501, their statement ¥499.', theirs: 499_000n }
          : index === 3
            ? {
                state: 'missing-theirs',
                reason: 'Our book has it; their statements up to 2026-11-25 do not.',
              }
            : { state: 'matched' },
    })),
    chainHead: { position: 4711n, hash: 'a3'.repeat(32) },
  });
}
