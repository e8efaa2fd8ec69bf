import type { UnitOutcome } from '@taika/wasm/outcome';
import { shownText } from './shown-text.ts';

/** One program of a job in the sandbox, for what is computed before the job has units: on the server and in `taika local` alike. */
export interface ProgramRunner extends AsyncDisposable {
  /** What the program makes of these bytes as unit 0 of 1. */
  run(input: Uint8Array): Promise<UnitOutcome>;
}

/** Opens the program with this digest, which is one of the job's. */
export type OpenProgram = (sha256: string) => Promise<ProgramRunner>;

/** Time for one run of a program by the splitter, on whichever machine splits. A minute of work is much for either use. */
export const splitterRunMsMax = 60_000;

/** How a run that gave nothing ended, as a clause. */
export function describeEnd(outcome: UnitOutcome): string {
  switch (outcome.kind) {
    case 'completed':
      return `it ended with exit code ${outcome.exitCode}${logOf(outcome.stderr)}`;
    case 'trapped':
      return `it trapped (${outcome.trap})${logOf(outcome.stderr)}`;
    case 'returned':
      return outcome.cause === 'time-limit'
        ? `it took longer than ${splitterRunMsMax / 1_000} seconds`
        : `it could not be finished (${outcome.cause})`;
  }
}

/** The log's last words: the sentence travels with the job's view. */
const logCharactersMax = 500;
/** Each of them may be shown by six. */
const shownCharactersMax = 6 * logCharactersMax;

function logOf(stderr: Uint8Array): string {
  const text = new TextDecoder().decode(stderr).trim().slice(-logCharactersMax);
  return text === '' ? '' : ` and wrote: ${shownText(text, shownCharactersMax)}`;
}
