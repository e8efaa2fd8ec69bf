import { verdictExpected } from '@taika/job/verdict';
import { reason } from '@taika/protocol/reasons';

/** A `next` program whose output begins otherwise than with `next` or `done`. */
export class NextNotUnderstood extends Error {
  readonly code = 'next-not-understood';
  readonly remedy: string;

  /** `place` is a sentence that says after which round, `what` one that says what was wrong. */
  constructor(place: string, what: string = `Expected ${verdictExpected}.`) {
    const { sentence, remedy } = reason('next-not-understood', `${place} ${what}`);
    super(sentence);
    this.name = 'NextNotUnderstood';
    this.remedy = remedy;
  }
}
