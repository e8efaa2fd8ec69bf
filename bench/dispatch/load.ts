import type { CycleReplyText } from '@taika/protocol/dispatch/cycle';
import type { TestWorker } from '../../programs/dispatch/test/support/grid.ts';
import { openConnection } from './raw-connection.ts';

/** How terminals load the server. */
export interface LoadOptions {
  readonly url: string;
  readonly workers: readonly TestWorker[];
  readonly unitsPerRequest: number;
  readonly warmUp: Phase;
  readonly measure: Phase;
  /** Called when the measured phase begins, and when it ends. */
  readonly onMark?: () => Promise<void> | void;
}

/** What ends a phase: time, or so many requests, or units accepted. */
export type Phase = { readonly ms: number } | { readonly requests: number } | { readonly units: number };

/** What was accepted in the measured phase. */
export interface LoadFigures {
  readonly seconds: number;
  readonly requests: number;
  readonly units: number;
  readonly latencyMsMedian: number;
  readonly latencyMs99: number;
}

/**
 * Each terminal sends one call after the other over its own connection: it reports the run before and asks for the next.
 * Nothing is computed; outputs are 8 bytes. Units count when they are acknowledged as accepted.
 */
export async function runLoad(options: LoadOptions): Promise<LoadFigures> {
  const { url, workers, unitsPerRequest, warmUp, measure, onMark } = options;
  const tally = { requests: 0, units: 0, latencies: [] as number[], isOver: false };
  const driven = Promise.all(
    workers.map((worker, nth) => drive({ url, session: worker.session, nth, unitsPerRequest, tally })),
  );
  await Promise.race([lasted(warmUp, tally), driven]);
  await onMark?.();
  Object.assign(tally, { requests: 0, units: 0, latencies: [] });
  const startMs = performance.now();
  await Promise.race([lasted(measure, tally), driven]);
  const seconds = (performance.now() - startMs) / 1_000;
  const { requests, units } = tally;
  const latencies = tally.latencies.toSorted((left, right) => left - right);
  await onMark?.();
  tally.isOver = true;
  await driven;
  const latencyAt = (share: number) => round(latencies[Math.floor(latencies.length * share)] ?? 0);
  return { seconds, requests, units, latencyMsMedian: latencyAt(0.5), latencyMs99: latencyAt(0.99) };
}

interface Tally {
  requests: number;
  units: number;
  latencies: number[];
  isOver: boolean;
}

async function lasted(phase: Phase, tally: Tally): Promise<void> {
  const startMs = performance.now();
  const { requests, units } = tally;
  const isOver = () =>
    'ms' in phase
      ? performance.now() - startMs >= phase.ms
      : 'units' in phase
        ? tally.units - units >= phase.units
        : tally.requests - requests >= phase.requests;
  while (!isOver()) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

interface Drive {
  readonly url: string;
  readonly session: string;
  readonly nth: number;
  readonly unitsPerRequest: number;
  readonly tally: Tally;
}

async function drive({ url, session, nth, unitsPerRequest, tally }: Drive): Promise<void> {
  using connection = await openConnection(url, session);
  const want = `"want":${JSON.stringify({ unitsMax: unitsPerRequest, parallel: 1, memoryMiB: 512 })},`;
  let reports = '';
  let reported: number[] = [];
  let knownJobs: string[] = [];
  const body = (turn: number, wanted: string, sent: string) =>
    `{"cycleId":"bench-${nth}-${turn}-${performance.now()}",${wanted}"reports":[${sent}],` +
    `"knownJobs":${JSON.stringify(knownJobs)},"state":"computing"}`;
  for (let turn = 0; !tally.isOver; turn++) {
    const sentMs = performance.now();
    const reply = JSON.parse(await connection.post('/v1/cycle', body(turn, want, reports))) as CycleReplyText;
    tally.requests += 1;
    tally.latencies.push(performance.now() - sentMs);
    for (const [index, { verdict }] of reply.acknowledgements.entries()) {
      tally.units += verdict === 'accepted' ? (reported[index] ?? 0) : 0;
    }
    knownJobs = reply.jobs.length === 0 ? knownJobs : [...knownJobs, ...reply.jobs.map(({ jobId }) => jobId)];
    reported = reply.assignments.map(({ input }) => input.lengths.length);
    reports = reply.assignments
      .map(({ assignmentId, input }) => report(assignmentId, input.lengths.length))
      .join();
  }
  // What is held goes back at once, so that the next measurement begins with nothing out.
  const returned = reports.replaceAll(/"fuels":\[[^\]]*\],"outputs":\[[^\]]*\]/g, '"fuels":[],"outputs":[]');
  await connection.post('/v1/cycle', body(-1, '', returned));
}

/** Written once for each length: the generator must cost less than what it measures. */
const computed = new Map<number, string>();

function report(assignmentId: string, units: number): string {
  let rest = computed.get(units);
  if (rest === undefined) {
    const fuels = Array(units).fill(1_000);
    const outputs = Array(units).fill('b3V0cHV0Cg==');
    rest = JSON.stringify({ fuels, outputs, restCause: 'stopped' }).slice(1);
    computed.set(units, rest);
  }
  return `{"assignmentId":"${assignmentId}",${rest}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
