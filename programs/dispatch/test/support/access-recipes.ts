import { createHash } from 'node:crypto';
import { signStatement } from '@taika/books/statements/signed-statement';
import { generateKeyPair } from '@taika/crypto/keys';
import type { Sql } from '@taika/database/connect';
import { type ClaimDocumentId, prepareClaimDocument } from '@taika/protocol/dispatch/claim-documents';
import { issueCreditNote } from '@taika/protocol/dispatch/credits';
import {
  capturePoints,
  claimLicenseFee,
  holdPoints,
  listClaims,
  listInvoices,
} from '@taika/protocol/dispatch/money';
import type {
  ClaimId,
  CreditNoteId,
  HoldId,
  InvoiceId,
  JobId,
  OrderId,
  RefundId,
} from '@taika/protocol/schema';
import { accrueFee } from './accrue-fee.ts';
import { createGrid, createWorker, smallestProgram, type TestWorker } from './grid.ts';
import {
  bearer,
  confirmOrder,
  giveConsent,
  newId,
  openSession,
  registerTerminal,
  signConsent,
} from './parties.ts';
import type { TestDispatch } from './test-dispatch.ts';
import { invoiceAll, writeEntry, writeJob } from './work.ts';

/** One concrete request: valid in form, and about rows of the owner. */
export interface Recipe {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: unknown;
  readonly bytes?: Uint8Array;
  /** It changes or ends what others need, so the owner sends it after all others. */
  readonly isLast?: boolean;
}

/** A circle with one row of every kind, and a request about it for every route. */
export interface OwnedRows {
  readonly recipes: Readonly<Record<string, Recipe>>;
  /** Texts that only the owner and the operator may read. */
  readonly secrets: readonly string[];
  readonly customerKey: string;
  readonly vendor: Awaited<ReturnType<typeof createGrid>>['vendor'];
  readonly session: string;
  /** What nobody else may change. */
  snapshot(): Promise<unknown>;
}

/** Sets up everything that one customer, vendor and terminal can own. */
export async function ownRows(dispatch: TestDispatch): Promise<OwnedRows> {
  const { sql } = dispatch.server.context;
  const grid = await createGrid(dispatch.url, dispatch.operatorKey);
  const { vendor, customer } = grid;
  const split = { by: 'lines', records: 1 } as const;
  const merge = { by: 'lines' } as const;
  const doneJob = await grid.submit('done\n', { split, merge });
  await grid.reach(doneJob, 'running');

  const terminal = await registerTerminal(vendor, { kind: 'service' });
  const session = await openSession(dispatch.url, terminal);
  const caller = bearer(dispatch.url, session);
  const consentId = await giveConsent(caller, terminal, vendor);
  const worker = createWorker(caller, terminal.terminalId, session);
  await worker.workUntil(async () => (await grid.read(doneJob)).state !== 'running');
  await grid.reach(doneJob, 'done');
  await writeJob(sql, { customerId: grid.customerId, fuel: 10n ** 10n });
  await invoiceAll(dispatch.server.context);
  const invoiceId = (await customer.call(listInvoices, { query: {} })).items[0]?.invoiceId as InvoiceId;

  const openJob = await grid.submit('held\nby\nthe owner\n', { split, merge });
  await grid.reach(openJob, 'running');
  const assignmentId = await takeOne(worker);

  const jobNumber = await numberOfJob(sql, doneJob);
  await writeEntry(sql, { terminalId: terminal.terminalId, jobNumber, fuel: 10n ** 12n });
  const orderId = newId<OrderId>();
  const holdId = newId<HoldId>();
  const { pseudonym, registrationId } = terminal;
  const hold = { pseudonym, orderId, pointsMilli: '5000' };
  await vendor.caller.call(holdPoints, { params: { holdId }, body: hold });
  const spentOrderId = newId<OrderId>();
  const spentHoldId = newId<HoldId>();
  await vendor.caller.call(holdPoints, {
    params: { holdId: spentHoldId },
    body: { pseudonym, orderId: spentOrderId, pointsMilli: '5000' },
  });
  const yes = { vendorId: vendor.vendorId, orderId: spentOrderId, pointsMilli: '5000' };
  await vendor.caller.call(capturePoints, {
    params: { holdId: spentHoldId },
    body: { confirmation: await confirmOrder(terminal, yes) },
  });
  const refundId = newId<RefundId>();
  const claimId = newId<ClaimId>();
  const month = new Date().toISOString().slice(0, 7);
  await vendor.caller.call(claimLicenseFee, { params: { claimId }, body: { registrationId, month } });

  // Two days ago, because a day must be over before it is claimed by a document.
  const feeEvent = await accrueFee(sql, {
    vendorId: vendor.vendorId,
    registrationId,
    month: '2020-01',
    amountMilli: 300_000n,
    at: new Date(`${twoDaysAgo()}T12:00:00Z`),
  });
  const claimDocumentId = newId<ClaimDocumentId>();
  await bearer(dispatch.url, dispatch.operatorKey).call(prepareClaimDocument, {
    params: { documentId: claimDocumentId },
    body: { vendorId: vendor.vendorId, to: twoDaysAgo() },
  });

  const program = createHash('sha256').update(smallestProgram).digest('hex');
  const input = Buffer.from('held\nby\nthe owner\n');
  const inputSha256 = createHash('sha256').update(input).digest('hex');
  const { kty, crv, x } = terminal.keyPair.publicKey;
  const newConsent = newId();
  const money = { currency: 'JPY', amountMilli: '1000' };

  const dearInvoice = (await customer.call(listInvoices, { query: { amountFrom: '5000' } })).items[0]
    ?.invoiceId as InvoiceId;
  const creditNoteId = newId<CreditNoteId>();
  await bearer(dispatch.url, dispatch.operatorKey).call(issueCreditNote, {
    params: { creditNoteId },
    body: { invoiceId: dearInvoice, net: money, reason: 'A test.' },
  });

  const recipes: Record<string, Recipe> = {
    uploadBlob: { params: { sha256: inputSha256 }, bytes: input },
    findBlob: { params: { sha256: inputSha256 } },
    uploadPart: { params: { sha256: inputSha256, part: '0' }, bytes: input },
    listParts: { params: { sha256: inputSha256 } },
    joinParts: { params: { sha256: inputSha256 }, query: 'parts=1', isLast: true },
    readSignedBlob: { params: { sha256: inputSha256 }, query: 'until=99999999999999&signature=forged' },
    cycle: {
      body: {
        cycleId: newId(),
        reports: [{ assignmentId, fuels: [1], outputs: [Buffer.from('stolen\n').toString('base64')] }],
      },
    },
    admitProgram: { params: { sha256: program }, body: {} },
    submitJob: {
      params: { jobId: openJob },
      body: {
        name: 'test',
        program,
        privacy: 'public',
        split,
        merge,
        input: { sha256: inputSha256, bytes: input.length },
      },
    },
    listJobs: {},
    readJob: { params: { jobId: openJob } },
    watchJob: { params: { jobId: doneJob } },
    setMaxPrice: {
      params: { jobId: openJob },
      body: { maxPrice: { currency: 'JPY', amountMilli: '9000000' } },
      isLast: true,
    },
    deleteJobData: { params: { jobId: doneJob }, isLast: true },
    cancelJob: { params: { jobId: openJob }, isLast: true },
    readResult: { params: { jobId: doneJob } },
    listFailures: { params: { jobId: doneJob } },
    readUnit: { params: { jobId: openJob, unit: '0' } },
    watchOutputs: { params: { jobId: doneJob } },
    listInvoices: {},
    readInvoice: { params: { invoiceId } },
    readInvoiceFile: { params: { invoiceId, format: 'csv' } },
    setCustomerDetails: { body: { country: 'JP' } },
    readMemberPoints: { params: { pseudonym } },
    holdPoints: { params: { holdId }, body: hold },
    capturePoints: {
      params: { holdId },
      body: {
        confirmation: await confirmOrder(terminal, {
          vendorId: vendor.vendorId,
          orderId,
          pointsMilli: '5000',
        }),
      },
    },
    refundPoints: {
      params: { refundId },
      body: { orderId: spentOrderId, pointsMilli: '1000' },
    },
    releasePoints: { params: { holdId }, isLast: true },
    claimLicenseFee: { params: { claimId }, body: { registrationId, month } },
    listClaims: {},
    readBooks: {},
    exchangeStatement: {
      params: { day: twoDaysAgo(), part: '1' },
      body: await statementOf(vendor, twoDaysAgo()),
    },
    readStatementPart: { params: { day: twoDaysAgo(), part: '1' } },
    prepareClaimDocument: {
      params: { documentId: claimDocumentId },
      body: { vendorId: vendor.vendorId, to: twoDaysAgo() },
    },
    listClaimDocuments: {},
    readClaimDocument: { params: { documentId: claimDocumentId } },
    readClaimDocumentFile: { params: { documentId: claimDocumentId, format: 'csv' } },
    answerClaimDocument: {
      params: { documentId: claimDocumentId },
      body: { answers: [{ event: feeEvent, answer: 'disputed', reason: 'A test.' }] },
    },
    payVendor: {
      params: { paymentId: newId() },
      body: { vendorId: vendor.vendorId, amount: money, reference: 'A test.' },
      isLast: true,
    },
    settleDispute: {
      params: { documentId: claimDocumentId },
      body: { event: feeEvent, outcome: 'cancelled', reason: 'A test.' },
      isLast: true,
    },
    readReconciliation: {},
    reconcileNow: {},
    acceptDifferences: { body: { counterparty: 'nobody', reason: 'gone' } },
    listStatements: {},
    readStatementFile: {
      params: { day: twoDaysAgo(), format: 'csv' },
      query: `counterparty=${vendor.vendorId}`,
      isLast: true,
    },
    readAccount: { params: { account: 'points:issued' } },
    verifyBooks: {},
    listClosings: {},
    closeMonth: { params: { month: '2020-01' } },
    readClosing: { params: { month: '2020-01' }, isLast: true },
    exportJournal: { query: 'from=2020-01-01&to=2020-01-31' },
    addCustomer: { params: { customerId: newId() }, body: { name: 'New' } },
    recordPayment: {
      params: { paymentId: newId() },
      body: { customerId: grid.customerId, kind: 'deposit', amount: money },
    },
    setCreditLimit: {
      params: { creditLimitId: newId() },
      body: { customerId: grid.customerId, limit: { currency: 'JPY', amountMilli: '1000000000' } },
    },
    issueCreditNote: {
      params: { creditNoteId: newId() },
      body: { invoiceId: dearInvoice, net: money, reason: 'A test.' },
      isLast: true,
    },
    listCreditNotes: {},
    readCreditNoteFile: { params: { creditNoteId, format: 'json' } },
    voidInvoice: { params: { voidId: newId() }, body: { invoiceId: dearInvoice, reason: 'A test.' } },
    readCustomerFunds: { params: { customerId: grid.customerId } },
    readFunds: {},
    listCustomers: {},
    readCustomer: {},
    addVendor: {
      params: { vendorId: newId() },
      body: {
        name: 'New',
        publicKey: { kty, crv, x },
        licenseFee: { kind: 'per-registration', fee: money },
      },
    },
    setLicenseFee: {
      params: { vendorId: vendor.vendorId, product: 'editor' },
      body: { licenseFee: { kind: 'per-registration', fee: money } },
      isLast: true,
    },
    listVendors: {},
    readVendor: {},
    listTerminals: {},
    revokeTerminal: {
      params: { terminalId: terminal.terminalId },
      body: { reason: 'A test.' },
      isLast: true,
    },
    setRates: {
      params: { version: '2' },
      body: {
        perFuel: '1',
        price: money,
        pointsMilli: '1',
        taxBasisPoints: 0,
        referenceFuelPerSecond: '1',
      },
      isLast: true,
    },
    readRates: {},
    readCapacity: {},
    setWebhook: { body: { url: 'https://customer.example/taika' } },
    readWebhook: {},
    removeWebhook: { isLast: true },
    registerMember: {
      params: { registrationId },
      body: {
        pseudonym,
        product: 'editor',
        kind: 'service',
        terminalName: 'Laptop',
        terminalKey: { kty, crv, x },
        proof: 'a.b.c',
      },
    },
    endRegistration: { params: { registrationId }, isLast: true },
    requestChallenge: { body: { terminalKeyThumbprint: terminal.thumbprint } },
    openTerminalSession: { body: { answer: 'a.b.c' } },
    readTerminal: {},
    recordConsent: {
      params: { consentId: newConsent },
      body: { consent: await signConsent(terminal, newConsent, vendor) },
      isLast: true,
    },
    withdrawConsent: { params: { consentId }, isLast: true },
    readTerminalReceipt: {},
    readReceipt: { params: { registrationId } },
    readContractorKey: {},
    explainUnit: { params: { jobId: doneJob, unit: '0' } },
    explainTerminal: { params: { terminalId: terminal.terminalId } },
    readTrustCosts: {},
    addOwnTerminal: {
      params: { terminalId: newId() },
      body: { role: 'reference', name: 'New', publicKey: await newPublicKey() },
    },
  };
  const claims = (await vendor.caller.call(listClaims, { query: {} })).items;
  return {
    recipes,
    secrets: [
      openJob,
      doneJob,
      invoiceId,
      holdId,
      ...claims.map((claim) => claim.claimId),
      registrationId,
      terminal.terminalId,
      terminal.memberId,
      consentId,
      vendor.vendorId,
      'DONE',
    ],
    customerKey: grid.customerKey,
    vendor,
    session,
    snapshot: () => snapshot(sql),
  };
}

async function newPublicKey() {
  const { kty, crv, x } = (await generateKeyPair()).publicKey;
  return { kty, crv, x };
}

/** Takes one unit and keeps it. */
async function takeOne(worker: TestWorker): Promise<string> {
  for (;;) {
    const [assignment] = (await worker.cycle({ unitsMax: 1 })).assignments;
    if (assignment !== undefined) {
      return assignment.assignmentId;
    }
  }
}

async function numberOfJob(sql: Sql, jobId: JobId): Promise<bigint> {
  const [row] = await sql<{ number: bigint }[]>`select number from job where id = ${jobId}`;
  return row?.number ?? 0n;
}

/** Everything whose change would be somebody's doing. */
async function snapshot(sql: Sql): Promise<unknown> {
  const [row] = await sql`
    select
      (select jsonb_agg(jsonb_build_array(id, state, units_done) order by number) from job) as jobs,
      (select jsonb_agg(jsonb_build_array(id, terminal_number, units) order by id) from assignment) as assignments,
      (select count(*) from result) as results,
      (select jsonb_agg(jsonb_build_array(id, pseudonym, ended_at) order by number) from registration) as registrations,
      (select jsonb_agg(jsonb_build_array(id, withdrawn_at) order by id) from consent) as consents,
      (select jsonb_agg(jsonb_build_array(id, state) order by number) from terminal) as terminals,
      (select jsonb_agg(jsonb_build_array(id, state, captured_milli) order by number) from points_hold) as holds,
      (select jsonb_agg(jsonb_build_array(id, state, amount_milli) order by number) from claim) as claims,
      (select jsonb_agg(jsonb_build_array(id, document_number) order by number) from invoice) as invoices,
      (select count(*) from customer) as customers,
      (select count(*) from payment) as payments,
      (select count(*) from credit_note) as notes,
      (select count(*) from credit_limit where customer_number = 1) as limits,
      (select count(*) from vendor) as vendors,
      (select count(*) from rate_card) as rates
  `;
  return row;
}

/** Two days ago, so that it is over whatever the time is. */
function twoDaysAgo(): string {
  return new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
}

/** An empty statement of a vendor. */
async function statementOf(vendor: OwnedRows['vendor'], day: string) {
  const body = {
    issuer: vendor.vendorId,
    counterparty: 'contractor',
    day,
    part: 1,
    parts: 1,
    party: { name: 'Vendor' },
    lines: [],
    head: { position: '0', hash: '0'.repeat(64) },
  };
  return signStatement(body, { key: vendor.keyPair.privateKey, now: new Date() });
}
