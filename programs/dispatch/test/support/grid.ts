import { createHash } from 'node:crypto';
import type { Sql } from '@taika/database/connect';
import type { Caller } from '@taika/http/call';
import { uploadBlob } from '@taika/protocol/dispatch/blobs';
import {
  type AssignmentText,
  type CycleReplyText,
  cycle,
  type ReportText,
} from '@taika/protocol/dispatch/cycle';
import {
  cancelJob,
  type JobSpecText,
  type JobViewText,
  readJob,
  readResult,
  submitJob,
} from '@taika/protocol/dispatch/jobs';
import type { CustomerId, JobId } from '@taika/protocol/schema';
import { type Random, seededRandom } from '@taika/runtime/random';
import {
  bearer,
  enrolCustomer,
  enrolVendor,
  giveConsent,
  newId,
  openSession,
  type RegistrationChoice,
  registerTerminal,
  type TestCustomer,
  type TestVendor,
} from './parties.ts';

/** The smallest program that is admitted: a `_start` that does nothing. Fake terminals do not run it. */
export const smallestProgram = Buffer.from(
  '0061736d0100000001040160000003020100050301000107130206' + '6d656d6f72790200065f737461727400000a040102000b',
  'hex',
);

export const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A customer, a vendor, and as many terminals as a test wants, on a running server. */
export interface TestGrid {
  /** The same with another customer. */
  as(customer: Pick<TestCustomer, 'key' | 'customerId'>): TestGrid;
  /** The same parties, calling another server on the same database. */
  at(url: string): TestGrid;
  readonly customer: Caller;
  readonly customerKey: string;
  readonly customerId: CustomerId;
  readonly vendor: TestVendor;
  upload(bytes: Uint8Array): Promise<{ sha256: string; bytes: number }>;
  submit(
    input: string | undefined,
    spec: Partial<JobSpecText> & Pick<JobSpecText, 'split' | 'merge'>,
    jobId?: JobId,
  ): Promise<JobId>;
  read(jobId: JobId): Promise<JobViewText>;
  /** Waits until the job is in this state; fails when it ends in another. */
  reach(jobId: JobId, state: JobViewText['state']): Promise<JobViewText>;
  result(jobId: JobId): Promise<string>;
  cancel(jobId: JobId): Promise<void>;
  /** A registered terminal of a member of its own, with consent and a session, on any replica. */
  terminal(url?: string, choice?: RegistrationChoice): Promise<TestWorker>;
}

/** Sets up the parties. */
export async function createGrid(url: string, operatorKey: string): Promise<TestGrid> {
  const operator = bearer(url, operatorKey);
  const { key, customerId } = await enrolCustomer(url, operator);
  return gridAt(url, { key, customerId }, await enrolVendor(url, operator));
}

function gridAt(
  url: string,
  { key: customerKey, customerId }: Pick<TestCustomer, 'key' | 'customerId'>,
  vendor: TestVendor,
): TestGrid {
  const customer = bearer(url, customerKey);
  const upload: TestGrid['upload'] = async (bytes) => {
    const sha256 = sha256Of(bytes);
    await customer.open(uploadBlob, { params: { sha256 }, bytes: Buffer.from(bytes) });
    return { sha256, bytes: bytes.length };
  };
  const read: TestGrid['read'] = (jobId) => customer.call(readJob, { params: { jobId } });
  return {
    customer,
    customerKey,
    customerId,
    vendor,
    as: (other) => gridAt(url, other, vendor),
    at: (other) => gridAt(other, { key: customerKey, customerId }, vendor),
    upload,
    read,
    async submit(input, spec, jobId = newId<JobId>()) {
      const program = await upload(smallestProgram);
      const blob = input === undefined ? undefined : await upload(Buffer.from(input));
      const body = { name: 'test', program: program.sha256, privacy: 'public' as const, ...spec };
      await customer.call(submitJob, {
        params: { jobId },
        body: blob === undefined ? body : { ...body, input: blob },
      });
      return jobId;
    },
    async reach(jobId, state) {
      for (;;) {
        const view = await read(jobId);
        if (view.state === state) {
          return view;
        }
        if (['done', 'failed', 'cancelled'].includes(view.state)) {
          throw new Error(`The job is ${view.state}, not ${state}: ${JSON.stringify(view)}`);
        }
        await pause();
      }
    },
    async result(jobId) {
      return (await customer.open(readResult, { params: { jobId } })).text();
    },
    async cancel(jobId) {
      await customer.call(cancelJob, { params: { jobId } });
    },
    async terminal(at = url, choice = {}) {
      const terminal = await registerTerminal(vendor, choice);
      const session = await openSession(at, terminal);
      const caller = bearer(at, session);
      const { product = 'editor' } = choice;
      await giveConsent(caller, terminal, { ...vendor, product });
      return createWorker(caller, terminal.terminalId, session);
    },
  };
}

/** A terminal without a sandbox: it computes by a function of the test's. */
export interface TestWorker {
  readonly terminalId: string;
  readonly session: string;
  readonly caller: Caller;
  /** One call with these reports; asks for up to `unitsMax` units, or for nothing at 0. */
  cycle(options?: CycleOptions): Promise<CycleReplyText>;
  /** The same terminal, calling another replica. */
  at(url: string): TestWorker;
  /** Calls until there is work. */
  take(options?: CycleOptions): Promise<AssignmentText[]>;
  /** Calls until there is a run of so many units; shorter ones are returned. */
  takeAtLeast(units: number): Promise<AssignmentText>;
  /** Computes like a terminal with a bad line and a moody owner: in part, twice, too late, or not at all. */
  misbehaveUntil(isOver: () => Promise<boolean>, random: Random, sql: Sql): Promise<void>;
  /** Computes until the job has ended. */
  workUntil(
    isOver: () => Promise<boolean> | boolean,
    compute?: Compute,
    options?: CycleOptions,
  ): Promise<void>;
  /** Gives up what the last call of `workUntil` was handed when it was over, which would lie there until its deadline. */
  forgetHeld(): Promise<void>;
}

export interface CycleOptions {
  readonly reports?: readonly ReportText[];
  readonly unitsMax?: number;
  readonly cycleId?: string;
  readonly retry?: boolean;
  readonly knownJobs?: readonly string[];
  readonly begins?: boolean;
}

/** What the program would print for a unit, in the form that a reference executor is asked for, with its fuel where a test says how much. */
export type Compute = (
  input: string,
  unit: number,
  form: AssignmentText['artefact'],
) => string | { readonly output: string; readonly fuel: number };

export const shout: Compute = (input) => input.toUpperCase();

export function createWorker(caller: Caller, terminalId: string, session: string): TestWorker {
  const worker: TestWorker = {
    terminalId,
    session,
    caller,
    cycle({ reports = [], unitsMax = 16, cycleId = newId(), retry, knownJobs, begins } = {}) {
      return caller.call(cycle, {
        body: {
          cycleId,
          reports: [...reports],
          ...(unitsMax === 0 ? {} : { want: { unitsMax, parallel: 2, memoryMiB: 512 } }),
          ...(retry === undefined ? {} : { retry }),
          ...(begins === undefined ? {} : { begins }),
          ...(knownJobs === undefined ? {} : { knownJobs: [...knownJobs] }),
        },
      });
    },
    at: (url) => createWorker(bearer(url, session), terminalId, session),
    async take(options) {
      for (;;) {
        const { assignments } = await worker.cycle(options);
        if (assignments.length > 0) {
          return assignments;
        }
        await pause();
      }
    },
    async takeAtLeast(units) {
      for (;;) {
        for (const assignment of await worker.take()) {
          if (assignment.input.lengths.length >= units) {
            return assignment;
          }
          await worker.cycle({ reports: [await reportOf(assignment, shout, 0)], unitsMax: 0 });
        }
      }
    },
    async misbehaveUntil(isOver, random, sql) {
      while (!(await isOver())) {
        const cycleId = newId();
        const lost = random.fraction() < 0.2;
        const first = await worker.cycle({ cycleId });
        const { assignments } = lost ? await worker.cycle({ cycleId, retry: true }) : first;
        for (const assignment of assignments) {
          const mood = random.fraction();
          const all = assignment.input.lengths.length;
          if (mood < 0.1) {
            await sql`update assignment set deadline = now() where id = ${assignment.assignmentId}`;
          }
          const units = mood > 0.8 ? Math.floor(random.fraction() * (all + 1)) : all;
          const report = await reportOf(assignment, shout, units);
          const times = mood > 0.6 ? 2 : 1;
          await Promise.all(
            Array.from({ length: times }, () => worker.cycle({ reports: [report], unitsMax: 0 })),
          );
        }
        await pause();
      }
    },
    async forgetHeld() {
      await worker.cycle({ begins: true, unitsMax: 0 });
    },
    async workUntil(isOver, compute = shout, options = {}) {
      let reports: ReportText[] = [];
      while (!(await isOver())) {
        const reply = await worker.cycle({ ...options, reports });
        reports = await Promise.all(reply.assignments.map((assignment) => reportOf(assignment, compute)));
        if (reports.length === 0) {
          await pause();
        }
      }
    },
  };
  return worker;
}

/** Computes a run, or the first `units` units of it. */
export async function reportOf(
  assignment: AssignmentText,
  compute: Compute = shout,
  units = assignment.input.lengths.length,
): Promise<ReportText> {
  const inputs = (await inputsOf(assignment)).slice(0, units);
  const computed = inputs.map((input, at) => {
    const told = compute(input, assignment.firstUnit + at, assignment.artefact);
    return typeof told === 'string' ? { output: told, fuel: 1000 + input.length } : told;
  });
  return {
    assignmentId: assignment.assignmentId,
    fuels: computed.map(({ fuel }) => fuel),
    outputs: computed.map(({ output }) => Buffer.from(output).toString('base64')),
    ...(units < assignment.input.lengths.length ? { restCause: 'paused' } : {}),
  };
}

/** The bytes of each unit of a run, inline or fetched. */
export async function inputsOf({ input }: AssignmentText): Promise<string[]> {
  const bytes = input.kind === 'inline' ? Buffer.from(input.bytes, 'base64') : await fetchRange(input);
  const gaps = input.kind === 'range' ? (input.gaps ?? []) : [];
  let at = 0;
  return input.lengths.map((length, index) => {
    at += (gaps[index] ?? 0) + length;
    return bytes.subarray(at - length, at).toString();
  });
}

async function fetchRange({
  url,
  offset,
  lengths,
  gaps = [],
}: {
  url: string;
  offset: number;
  lengths: number[];
  gaps?: number[];
}) {
  const end = offset + [...lengths, ...gaps].reduce((sum, length) => sum + length, 0) - 1;
  const response = await fetch(url, { headers: { range: `bytes=${offset}-${end}` } });
  if (response.status !== 206) {
    throw new Error(`The range was answered with ${response.status}.`);
  }
  return Buffer.from(await response.arrayBuffer());
}

/** Randomness that a test can repeat with `SEED=…`. */
export function repeatable(seed: string): Random {
  return seededRandom(seed);
}

/** A turn of waiting for a condition that another process brings about. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

/** What the database's own checks find wrong with the hot path: nothing, at any time. */
export async function listDefects(sql: Sql): Promise<string[]> {
  const rows = await sql<
    { name: string; job: bigint; detail: string }[]
  >`select name, job, detail from dispatch_defects()`;
  return rows.map(({ name, job, detail }) => `${name}: job ${job}, ${detail}`);
}
