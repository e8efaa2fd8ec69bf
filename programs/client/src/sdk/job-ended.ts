import type { JobViewText } from '@taika/protocol/dispatch/jobs';

/** A job that came to no result: it failed, or was cancelled. */
export class JobEnded extends Error {
  readonly code: string;
  readonly remedy: string;
  readonly view: JobViewText;

  constructor(view: JobViewText) {
    super(`${view.reason.sentence}${failureText(view)}`);
    this.name = 'JobEnded';
    this.code = view.reason.code;
    this.remedy = view.reason.remedy;
    this.view = view;
  }
}

function failureText({ failure }: JobViewText): string {
  if (failure === undefined) return '';
  const how = failure.trap === undefined ? `exit code ${failure.exitCode ?? '?'}` : `trap ${failure.trap}`;
  const log = failure.stderr === undefined || failure.stderr === '' ? '' : `\n${failure.stderr.trimEnd()}`;
  return ` Unit ${failure.unit}: ${how}.${log}`;
}
