import http from 'node:http';
import type { CycleReplyText, CycleRequestText, ReportText } from '@taika/protocol/dispatch/cycle';
import type { TestWorker } from '../../programs/dispatch/test/support/grid.ts';

/** How terminals load the server. */
export interface LoadOptions {
  readonly url: string;
  readonly workers: readonly TestWorker[];
  readonly unitsPerRequest: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** What was accepted. */
export interface LoadFigures {
  readonly unitsPerSecond: number;
  readonly requestsPerSecond: number;
  readonly latencyMsMedian: number;
  readonly latencyMs99: number;
}

/**
 * Each terminal sends one call after the other over its own connection: it reports the run before and asks for the next.
 * Nothing is computed; outputs are 8 bytes. Units count when they are acknowledged as accepted.
 */
export async function runLoad({
  url,
  workers,
  unitsPerRequest,
  warmUpMs,
  measureMs,
}: LoadOptions): Promise<LoadFigures> {
  const startMs = performance.now() + warmUpMs;
  const endMs = startMs + measureMs;
  let units = 0;
  const latencies: number[] = [];
  await Promise.all(
    workers.map(async ({ session }, nth) => {
      using connection = createConnection(url, session);
      let reports: ReportText[] = [];
      let knownJobs: string[] = [];
      for (let turn = 0; performance.now() < endMs; turn++) {
        const sentMs = performance.now();
        const reply = await connection.cycle({
          cycleId: `bench-${nth}-${turn}-${sentMs}`,
          reports,
          want: { unitsMax: unitsPerRequest, parallel: 1, memoryMiB: 512 },
          knownJobs,
          state: 'computing',
        });
        const nowMs = performance.now();
        if (nowMs >= startMs && nowMs < endMs) {
          latencies.push(nowMs - sentMs);
          for (const [index, { verdict }] of reply.acknowledgements.entries()) {
            units += verdict === 'accepted' ? (reports[index]?.fuels.length ?? 0) : 0;
          }
        }
        knownJobs = [...new Set([...knownJobs, ...reply.jobs.map(({ jobId }) => jobId)])];
        reports = reply.assignments.map(({ assignmentId, input }) => ({
          assignmentId,
          fuels: input.lengths.map(() => 1_000),
          outputs: input.lengths.map(() => 'b3V0cHV0Cg=='),
        }));
      }
      // What is held goes back at once, so that the next measurement begins with nothing out.
      const returned = reports.map(({ assignmentId }) => ({
        assignmentId,
        fuels: [],
        outputs: [],
        restCause: 'stopped',
      }));
      await connection.cycle({ cycleId: `bench-${nth}-end`, reports: returned });
    }),
  );
  latencies.sort((left, right) => left - right);
  const seconds = measureMs / 1_000;
  return {
    unitsPerSecond: Math.round(units / seconds),
    requestsPerSecond: Math.round(latencies.length / seconds),
    latencyMsMedian: round(latencies[Math.floor(latencies.length / 2)] ?? 0),
    latencyMs99: round(latencies[Math.floor(latencies.length * 0.99)] ?? 0),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

interface Connection extends Disposable {
  cycle(request: CycleRequestText): Promise<CycleReplyText>;
}

/** One kept-alive connection by plain node:http: the generator must cost less than what it measures. */
function createConnection(url: string, session: string): Connection {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(url);
  return {
    cycle(request) {
      const body = Buffer.from(JSON.stringify(request));
      return new Promise((resolve, reject) => {
        const sent = http.request(
          {
            agent,
            hostname,
            port,
            path: '/v1/cycle',
            method: 'POST',
            headers: {
              authorization: `Bearer ${session}`,
              'content-type': 'application/json',
              'content-length': body.length,
            },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('end', () => {
              const text = Buffer.concat(chunks).toString();
              if (response.statusCode === 200) {
                resolve(JSON.parse(text));
              } else {
                reject(new Error(`${response.statusCode}: ${text}`));
              }
            });
          },
        );
        sent.on('error', reject);
        sent.end(body);
      });
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
