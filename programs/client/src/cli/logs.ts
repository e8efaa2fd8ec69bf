import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import type { UnitFailureText } from '@taika/protocol/dispatch/units';
import { unitHint } from '../sdk/unit-hint.ts';
import { connect } from './connect.ts';
import { jobIdOf } from './job-id.ts';

/** `taika logs`: which units failed, how, what they wrote, and how to compute one of them here. */
export async function logs(jobId: string, options: { readonly json: boolean }): Promise<void> {
  const handle = (await connect()).job(jobIdOf(jobId));
  const [view, failures] = [await handle.view(), await handle.failures()];
  if (options.json) {
    console.log(JSON.stringify({ jobId: view.jobId, state: view.state, reason: view.reason, failures }));
    return;
  }
  console.log(`${view.jobId} is ${view.state}. ${view.reason.sentence}`);
  if (failures.length === 0) {
    console.log(noFailureText(view));
    return;
  }
  for (const failure of failures) {
    const log = (failure.stderr ?? '').trimEnd();
    console.log(`\nunit ${failure.unit}: ${howText(failure)}${log === '' ? '' : `\n${log}`}`);
  }
  console.log(
    `\nCompute one of them here, with its exact input: taika replay ${handle.id} ${failures[0]?.unit}`,
  );
}

/** A job may end at a unit that did not fail: one whose output could not be merged. */
export function noFailureText(view: JobViewText): string {
  const hint = view.reason.code === 'merge-failed' ? unitHint(view) : undefined;
  return hint === undefined ? 'No unit failed.' : `No unit failed. ${hint}`;
}

/** How a unit failed, in a few words. */
export function howText({ exitCode, trap, returned }: Omit<UnitFailureText, 'unit' | 'at'>): string {
  if (returned !== undefined) return `a terminal could not finish it (${returned})`;
  return trap === undefined ? `exit code ${exitCode ?? 0}` : `trap ${trap}`;
}
