import { sha256Hex } from '@taika/crypto/digest';
import type { PublicJwk } from '@taika/crypto/keys';
import { RemoteError } from '@taika/http/call';
import { uploadBlob } from '@taika/protocol/dispatch/blobs';
import type { AssignmentText, ReportText } from '@taika/protocol/dispatch/cycle';
import { retry } from '@taika/runtime/backoff';
import type { DispatchCalls } from '../dispatch-calls.ts';
import type { Host } from '../host.ts';
import { loggedUnit } from '../unit-log.ts';
import type { ComputedRun } from './computed-run.ts';
import { cutInput, inputBytes } from './cut-input.ts';
import { DamagedError, fetchBytes } from './fetch-bytes.ts';
import { type EndedRun, type HeldRun, programKey, sandboxKey, unitCountOf } from './held-run.ts';
import { fromBase64, type PreparedJob, prepareJob } from './prepare-job.ts';
import { makeReport, returnWhole } from './report.ts';
import { type RunEnd, runAssignment } from './run-assignment.ts';
import type { WarmSandboxes } from './warm-sandboxes.ts';

export interface ComputeContext {
  readonly host: Host;
  readonly dispatch: DispatchCalls;
  readonly dispatchUrl: string;
  readonly contractorKey: () => Promise<PublicJwk>;
  readonly sandboxes: WarmSandboxes;
  /** Jobs that are here and checked, by sandbox key. */
  readonly prepared: Map<string, Promise<PreparedJob>>;
  readonly cores: number;
  readonly onUnit: (held: HeldRun, durationMs: number) => void;
  /** No sandbox could be opened. */
  readonly onNoSandbox: (error: unknown) => void;
}

/** An upload that fails is tried this often: then the run is computed elsewhere. */
const uploadAttemptsMax = 6;

/** Computes a run from its input to its report. What this machine cannot do goes back with a cause; nothing is thrown for it. */
export async function computeRun(context: ComputeContext, held: HeldRun): Promise<ComputedRun> {
  const { assignment } = held;
  const { host } = context;
  try {
    const { end, units } = await compute(context, held);
    const report = await makeReport(assignment.assignmentId, end, (bytes) => upload(context, bytes));
    return { report, ended: endedRun(held, report, end, units) };
  } catch (error) {
    const cause = causeOf(error, held.stop.signal);
    if (!held.stop.signal.aborted)
      host.log.warn({ err: error, jobId: held.brief.jobId, cause }, 'A run goes back.');
    const report = returnWhole(assignment.assignmentId, cause);
    return { report, ended: endedRun(held, report, { results: [], restCause: cause }, []) };
  }
}

async function compute(context: ComputeContext, held: HeldRun) {
  const { host, dispatchUrl, sandboxes, prepared, cores } = context;
  const { assignment, brief, stop } = held;
  const key = sandboxKey(brief);
  let preparing = prepared.get(key);
  if (preparing === undefined) {
    // Without the run's own signal: other runs of the job wait for the same bytes.
    preparing = prepareJob(host, brief, { dispatchUrl, contractorKey: await context.contractorKey() });
    prepared.set(key, preparing);
    preparing.catch(() => prepared.delete(key));
  }
  const [job, bytes] = await Promise.all([preparing, inputOf(host, assignment, dispatchUrl, stop.signal)]);
  const units = cutInput(assignment, bytes, job);
  using borrowed = await borrow(context, key, job, cores, sandboxes);
  stop.signal.throwIfAborted();
  const end = await runAssignment({
    sandbox: borrowed.sandbox,
    units,
    signal: stop.signal,
    onUnit: ({ durationMs }, ended) => {
      held.unitsEnded = ended;
      context.onUnit(held, durationMs);
    },
  });
  return { end, units };
}

async function borrow(
  { onNoSandbox }: ComputeContext,
  key: string,
  job: PreparedJob,
  parallel: number,
  sandboxes: WarmSandboxes,
) {
  try {
    // The member may allow another number of cores meanwhile: that is another sandbox.
    return await sandboxes.borrow({
      key: `${key} ${parallel}`,
      program: programKey(job.brief, parallel),
      options: async () => ({ ...job.sandbox, parallel }),
    });
  } catch (error) {
    onNoSandbox(error);
    throw error;
  }
}

function inputOf(
  host: Host,
  assignment: AssignmentText,
  dispatchUrl: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { input } = assignment;
  if (input.kind === 'inline') return Promise.resolve(fromBase64(input.bytes));
  const bytes = inputBytes(assignment);
  return fetchBytes(host, { url: new URL(input.url, dispatchUrl).href, offset: input.offset, bytes, signal });
}

async function upload({ host, dispatch }: ComputeContext, bytes: Uint8Array): Promise<string> {
  const sha256 = await sha256Hex(bytes);
  await retry(
    () =>
      dispatch.asTerminal(async (caller) => {
        const body = bytes as Uint8Array<ArrayBuffer>;
        const response = await caller.open(uploadBlob, { params: { sha256 }, bytes: body });
        await response.body?.cancel();
      }),
    {
      attemptsMax: uploadAttemptsMax,
      baseMs: 500,
      shouldRetry: (error) => error instanceof RemoteError && error.retryable,
      clock: host.clock,
      random: host.random,
    },
  );
  return sha256;
}

function endedRun(
  { assignment, brief }: HeldRun,
  report: ReportText,
  { results }: RunEnd,
  units: readonly { readonly input: Uint8Array }[],
): EndedRun {
  const returned = unitCountOf(assignment) - results.length;
  return {
    assignment,
    brief,
    units: results.map((run, at) => loggedUnit(run, units[at]?.input.length ?? 0)),
    ...(returned === 0 ? {} : { returned: { units: returned, cause: report.restCause ?? 'stopped' } }),
  };
}

function causeOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return typeof signal.reason === 'string' ? signal.reason : 'stopped';
  if (error instanceof DamagedError || error instanceof RemoteError) return 'input-damaged';
  return 'runner-lost';
}
