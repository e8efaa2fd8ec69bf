import { moneyText } from '@taika/cli/amounts';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import type { JobId } from '@taika/protocol/schema';
import { prepareJob } from '../job/prepare-job.ts';
import type { JobHandle } from '../sdk/job-handle.ts';
import { chooseOutput, type OutputOptions } from './choose-output.ts';
import { connect } from './connect.ts';
import { checkOutput, writeOutput } from './output-file.ts';
import { phaseText } from './phase-text.ts';
import { createProgressView } from './progress-bar.ts';

export interface RunOptions extends OutputOptions {
  readonly input?: string;
  /** Only submit; print the id and leave. */
  readonly detach: boolean;
}

/** `taika run`: submits, shows progress, writes the result. Ctrl-C leaves the job running and says how to come back. */
export async function run(jobFile: string, options: RunOptions): Promise<void> {
  const output = options.detach ? '-' : chooseOutput(options, jobFile);
  if (!options.detach) await checkOutput(output);
  const grid = await connect();
  await using job = await prepareJob(jobFile, {
    ...(process.stdin.isTTY ? {} : { stdin: process.stdin }),
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  const progress = createProgressView({ quiet: options.quiet });
  const handle = await grid.submit(job, {
    onUpload: (sent, total) =>
      progress.show({
        done: 0,
        total: undefined,
        fuel: 0n,
        note: `uploading ${Math.floor((100 * sent) / Math.max(total, 1))} %`,
      }),
  });
  if (options.detach) {
    progress.end();
    console.log(
      options.json
        ? JSON.stringify({ jobId: handle.id })
        : `${handle.id}\nWatch it with: taika watch ${handle.id}`,
    );
    return;
  }
  if (!options.quiet) console.error(`Submitted as job ${handle.id}.`);
  const leave = leaveRunning(handle.id);
  process.once('SIGINT', leave);
  await followToResult(handle, output, options).finally(() => process.off('SIGINT', leave));
}

/** How a job is followed. */
export interface FollowOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly signal?: AbortSignal;
}

/** Watches a job to its end and writes its result; shared by `run`, `watch --output` and `taika up`. */
export async function followToResult(
  handle: JobHandle,
  output: string,
  options: FollowOptions,
): Promise<JobViewText> {
  const view = await follow(handle, options);
  const written = await writeOutput(handle.result(options.signal), output, {
    sha256: view.result?.sha256,
    remedy: `The result is kept. Make room or name another file, and run: taika result ${handle.id} --output FILE`,
  });
  if (options.json) {
    const text = JSON.stringify({
      job: view,
      output: output === '-' ? null : output,
      bytes: written.bytes,
      sha256: written.sha256,
    });
    if (output === '-') console.error(text);
    else console.log(text);
  } else if (output !== '-') {
    console.error(
      `${output}: ${written.bytes} bytes. Price ${moneyText(view.price)} before tax, ${view.units.done} units, ${view.terminals} terminals.`,
    );
  }
  return view;
}

function noteOf({ state, reason, terminals }: JobViewText): string {
  return state === 'running' && reason.code === 'computing' ? `${terminals} terminals` : reason.sentence;
}

async function follow(handle: JobHandle, { quiet, signal }: FollowOptions): Promise<JobViewText> {
  const progress = createProgressView({ quiet });
  try {
    for await (const view of handle.events(signal)) {
      progress.show({
        done: view.units.done,
        total: view.units.total,
        fuel: BigInt(view.fuel),
        price: view.price,
        note: phaseText(view.phase) + noteOf(view),
      });
    }
  } finally {
    progress.end();
  }
  return handle.finished(signal);
}

/** Ctrl-C asks nothing and cancels nothing: the job is the grid's now. */
function leaveRunning(jobId: JobId): () => void {
  return () => {
    console.error(
      `\n\nThe job goes on. Watch it with: taika watch ${jobId}\nCancel it with: taika cancel ${jobId}`,
    );
    process.exit(130);
  };
}
