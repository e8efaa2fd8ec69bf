/**
 * What a `next` program says on the first line of its output:
 *
 *   next         what follows is the input of the next round
 *   next BYTES   so many bytes follow that the program keeps for itself, then the input of the next round
 *   done         what follows is the job's result; nothing: the result is what the last round gave
 */
export interface Verdict {
  readonly kind: 'next' | 'done';
  /** Bytes of the first line, its end included. */
  readonly lineBytes: number;
  /** Bytes after it that are kept. */
  readonly stateBytes: number;
}

/** The first line is no longer than this. */
export const verdictBytesMax = 64;

/** Reads an output's beginning, `verdictBytesMax` bytes or all of it; undefined when it says neither `next` nor `done`. */
export function readVerdict(head: Uint8Array, outputBytes: number): Verdict | undefined {
  const end = head.subarray(0, verdictBytesMax).indexOf(0x0a);
  const line = new TextDecoder().decode(head.subarray(0, end === -1 ? verdictBytesMax : end));
  const found = form.exec(line);
  if (found === null) {
    return undefined;
  }
  const lineBytes = end === -1 ? outputBytes : end + 1;
  const stateBytes = Number(found[1] ?? 0);
  const fits = (end !== -1 || outputBytes <= verdictBytesMax) && lineBytes + stateBytes <= outputBytes;
  return fits ? { kind: line.startsWith('done') ? 'done' : 'next', lineBytes, stateBytes } : undefined;
}

const form = /^(?:done|next(?: (0|[1-9][0-9]{0,14}))?)\r?$/;

/** What to tell of an output that `readVerdict` does not understand. */
export const verdictExpected =
  'the first line of its output to be next, next BYTES (with at least so many bytes after it), or done';

/** What to tell of an output that asks for another round, from 0, and has no input for it. */
export function noInputText(round: number): string {
  return `It printed next, and after it no input for round ${round + 1}. Print the input, or done to end the job.`;
}
