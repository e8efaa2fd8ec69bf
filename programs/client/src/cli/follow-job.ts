import { countText, moneyText } from '@taika/cli/amounts';
import { writeOutput } from '@taika/cli/output-file';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import type { JobHandle } from '../sdk/job-handle.ts';
import { assuranceText, correctionTexts } from './assurance-text.ts';
import { remedyText } from './job-sentences.ts';
import { phaseText } from './phase-text.ts';
import { createProgressView } from './progress-bar.ts';

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
  const view = await followJob(handle, options);
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
    sayCorrections(view);
    console.error(
      `${output}: ${written.bytes} bytes. Price ${moneyText(view.price)} before tax, ${countText(view.units.done, 'unit')}, ${countText(view.terminals, 'terminal')}.`,
    );
    if (!options.quiet) console.error(assuranceText(view));
  }
  return view;
}

/** Shows a job's progress to its end. Throws `JobEnded` where it comes to no result. */
export async function followJob(
  handle: JobHandle,
  { quiet, signal }: Omit<FollowOptions, 'json'>,
): Promise<JobViewText> {
  const progress = createProgressView({ quiet });
  try {
    for await (const view of handle.events({ signal })) {
      progress.advise(isEnded(view) ? '' : remedyText(view));
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

/**
 * Runs a step during which Ctrl-C asks nothing and cancels nothing, says what then holds and ends the process: the job
 * is the grid's now, or was not submitted yet.
 */
export async function whileLeaving<T>(say: () => string, step: () => Promise<T>): Promise<T> {
  const leave = () => {
    console.error(`\n\n${say()}`);
    process.exit(interruptedExitCode);
  };
  process.once('SIGINT', leave);
  try {
    return await step();
  } finally {
    process.off('SIGINT', leave);
  }
}

/** What was found wrong after it counted as final: whoever fetches the result must know. */
export function sayCorrections(view: JobViewText): void {
  for (const text of correctionTexts(view)) console.error(text);
}

/** 128 + SIGINT, as shells expect. */
const interruptedExitCode = 130;

/** What to do about an end is said by whoever tells the end. */
function isEnded({ state }: JobViewText): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

function noteOf({ state, reason, terminals, deadline }: JobViewText): string {
  const note =
    state === 'running' && reason.code === 'computing' ? countText(terminals, 'terminal') : reason.sentence;
  return deadline?.outlook === 'late' || deadline?.outlook === 'missed'
    ? `${note.replace(/\.?$/, '.')} ${deadline.sentence}`
    : note;
}
