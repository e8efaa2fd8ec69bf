import { createCaller } from '@taika/http/call';
import { type CapacityText, readCapacity } from '@taika/protocol/dispatch/capacity';
import { type CreditNoteText, listCreditNotes, readCreditNoteFile } from '@taika/protocol/dispatch/credits';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import { listJobs } from '@taika/protocol/dispatch/jobs';
import { type InvoiceText, listInvoices, readInvoice, readInvoiceFile } from '@taika/protocol/dispatch/money';
import {
  type RateCardText,
  readCustomer,
  readRates,
  setCustomerDetails,
} from '@taika/protocol/dispatch/parties';
import { readWebhook, removeWebhook, setWebhook } from '@taika/protocol/dispatch/webhooks';
import type { DocumentFormatText, PartyDetailsText } from '@taika/protocol/documents';
import type { QueryOf, ReplyOf } from '@taika/protocol/route';
import type { CreditNoteId, InvoiceId, JobId } from '@taika/protocol/schema';
import { type Clock, systemClock } from '@taika/runtime/clock';
import { uuidv7 } from '@taika/runtime/identifiers';
import { type Random, systemRandom } from '@taika/runtime/random';
import type { PreparedJob } from '../job/prepared-job.ts';
import { jobIdOfKey } from './idempotency-key.ts';
import { createJobHandle, type JobHandle } from './job-handle.ts';
import { patientCaller } from './patience.ts';
import { type SubmitOptions, submitJob } from './submit-job.ts';

export interface GridOptions {
  /** Address of the contractor's dispatch server. */
  readonly dispatchUrl: string;
  /** The customer's API key, as the contractor gave it. */
  readonly customerKey: string;
  /**
   * How long a call waits for a server that answered before and is away now, from the first failure on; in an upload, each part of it.
   * Default: 2 s.
   */
  readonly patienceMs?: number;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** By what invoices are found: days are included, amounts are totals with tax in thousandths of the smallest coin. */
export type InvoiceSearch = Omit<QueryOf<typeof listInvoices>, 'after' | 'limit' | 'counterparty'>;

/**
 * A customer's connection to a contractor's grid. Every call may throw `RemoteError`. Disposal (`await using`) ends
 * the calls and streams that are still open; jobs go on.
 */
export interface Grid extends AsyncDisposable {
  /** Who the key belongs to. */
  customer(signal?: AbortSignal): Promise<ReplyOf<typeof readCustomer>>;
  /**
   * Uploads what the grid does not have yet, has the program admitted and submits the job. The same `jobId`, or
   * `idempotencyKey`, submits once, however often it is called.
   */
  submit(job: PreparedJob, options?: SubmitOptions): Promise<JobHandle>;
  /** A handle on a job that was submitted earlier; asks nothing yet. */
  job(jobId: JobId): JobHandle;
  /** The present rate card. */
  rates(signal?: AbortSignal): Promise<RateCardText>;
  /** Where this customer is told of ended jobs. Throws `not-found` where it is not. */
  webhook(signal?: AbortSignal): Promise<ReplyOf<typeof readWebhook>>;
  setWebhook(url: string, signal?: AbortSignal): Promise<ReplyOf<typeof setWebhook>>;
  removeWebhook(signal?: AbortSignal): Promise<void>;
  /** Terminals at work now and the work that waits. */
  capacity(signal?: AbortSignal): Promise<CapacityText>;
  /** This customer's jobs, newest first, page by page as they are asked for. */
  jobs(signal?: AbortSignal): AsyncIterable<JobViewText>;
  /** This customer's invoices, newest first; those that the search finds. */
  invoices(search?: InvoiceSearch, signal?: AbortSignal): AsyncIterable<InvoiceText>;
  invoice(invoiceId: InvoiceId, signal?: AbortSignal): Promise<InvoiceText>;
  /** The bytes of an invoice as a file. */
  invoiceFile(
    invoiceId: InvoiceId,
    form: { readonly format: DocumentFormatText; readonly lang?: 'ja' | 'en' },
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  /** This customer's credit notes, which correct invoices, newest first; those that the search finds. */
  creditNotes(search?: InvoiceSearch, signal?: AbortSignal): AsyncIterable<CreditNoteText>;
  /** The bytes of a credit note as a file. */
  creditNoteFile(
    creditNoteId: CreditNoteId,
    form: { readonly format: DocumentFormatText; readonly lang?: 'ja' | 'en' },
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  /** Replaces what documents say of this customer beside its name. */
  setDetails(details: PartyDetailsText, signal?: AbortSignal): Promise<PartyDetailsText>;
}

export function connectGrid(options: GridOptions): Grid {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const closing = new AbortController();
  const within = (signal: AbortSignal | undefined) =>
    signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
  const fetch = options.fetch ?? globalThis.fetch;
  const once = createCaller({
    baseUrl: options.dispatchUrl,
    authorize: () => ({ authorization: `Bearer ${options.customerKey}` }),
    clock,
    random,
    userAgent: 'taika-client',
    attemptsMax: 1,
    fetch,
  });
  const caller = patientCaller(once, { patienceMs: options.patienceMs ?? 2000, clock, random });
  const handleOf = (jobId: JobId) => createJobHandle(jobId, { caller, fetch, clock, random, within });
  async function* bytes(
    open: (ended: AbortSignal) => Promise<Response>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    const ended = within(signal);
    const { body } = await caller.persist(() => open(ended), ended);
    if (body !== null) yield* body;
  }
  const customer = (signal?: AbortSignal) => caller.call(readCustomer, { signal: within(signal) });
  return {
    customer,
    async submit(job, submitOptions = {}) {
      const { idempotencyKey, signal } = submitOptions;
      const jobId =
        submitOptions.jobId ??
        (idempotencyKey === undefined
          ? (uuidv7(clock.now(), random) as JobId)
          : await jobIdOfKey(idempotencyKey, (await customer(signal)).customerId));
      await submitJob(caller, jobId, job, { ...submitOptions, signal: within(signal) });
      return handleOf(jobId);
    },
    job: handleOf,
    rates: (signal) => caller.call(readRates, { signal: within(signal) }),
    webhook: (signal) => caller.call(readWebhook, { signal: within(signal) }),
    setWebhook: (url, signal) => caller.call(setWebhook, { body: { url }, signal: within(signal) }),
    async removeWebhook(signal) {
      await caller.open(removeWebhook, { signal: within(signal) });
    },
    capacity: (signal) => caller.call(readCapacity, { signal: within(signal) }),
    jobs: (signal) => pages((after) => caller.call(listJobs, { query: after, signal: within(signal) })),
    invoices: (search = {}, signal) =>
      pages((after) => caller.call(listInvoices, { query: { ...search, ...after }, signal: within(signal) })),
    invoice: (invoiceId, signal) =>
      caller.call(readInvoice, { params: { invoiceId }, signal: within(signal) }),
    invoiceFile: (invoiceId, { format, lang }, signal) =>
      bytes((ended) => {
        const query = lang === undefined ? {} : { lang };
        return caller.open(readInvoiceFile, { params: { invoiceId, format }, query, signal: ended });
      }, signal),
    creditNotes: (search = {}, signal) =>
      pages((after) =>
        caller.call(listCreditNotes, { query: { ...search, ...after }, signal: within(signal) }),
      ),
    creditNoteFile: (creditNoteId, { format, lang }, signal) =>
      bytes((ended) => {
        const query = lang === undefined ? {} : { lang };
        return caller.open(readCreditNoteFile, { params: { creditNoteId, format }, query, signal: ended });
      }, signal),
    setDetails: (details, signal) =>
      caller.call(setCustomerDetails, { body: details, signal: within(signal) }),
    async [Symbol.asyncDispose]() {
      closing.abort();
    },
  };
}

async function* pages<T>(
  readPage: (query: { after?: string }) => Promise<{ readonly items: T[]; readonly next?: string }>,
): AsyncGenerator<T> {
  let after: string | undefined;
  do {
    const page = await readPage(after === undefined ? {} : { after });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}
