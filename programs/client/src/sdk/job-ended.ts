import type { JobViewText } from '@taika/protocol/dispatch/jobs';
import { unitHint } from './unit-hint.ts';

/** A job that came to no result: it failed, or was cancelled. */
export class JobEnded extends Error {
  readonly code: string;
  /** The customer's program or job file, or, where copies kept disagreeing, perhaps the contractor's terminals. */
  readonly fault = 'customer';
  /** The same job ends in the same way. */
  readonly retryable = false;
  readonly remedy: string;
  readonly view: JobViewText;

  constructor(view: JobViewText) {
    super(`${view.reason.sentence}${failureText(view)}`);
    this.name = 'JobEnded';
    this.code = view.reason.code;
    const hint = unitHint(view);
    this.remedy = hint === undefined ? view.reason.remedy : `${view.reason.remedy} ${hint}`;
    this.view = view;
  }
}

function failureText({ failure }: JobViewText): string {
  if (failure === undefined) return '';
  const { trap, exitCode } = failure;
  // Without either no terminal could finish it, and the job's reason says so.
  if (trap === undefined && exitCode === undefined) return '';
  const how = trap === undefined ? `exit code ${exitCode}` : `trap ${trap}`;
  const log = failure.stderr === undefined || failure.stderr === '' ? '' : `\n${failure.stderr.trimEnd()}`;
  return ` Unit ${failure.unit}: ${how}.${log}`;
}
