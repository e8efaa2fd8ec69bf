import type { ReturnedUnit, TrappedUnit, UnitOutcome } from '@taika/wasm/outcome';

/** A unit of a local run that came to no output: its program failed, or this machine could not finish it. */
export class UnitFailed extends Error {
  readonly code: 'program-failed' | 'unit-unfinished';
  readonly fault = 'customer';
  readonly retryable = false;
  readonly remedy: string;
  readonly unit: number;
  readonly outcome: UnitOutcome;

  constructor(unit: number, outcome: UnitOutcome) {
    super(sentenceOf(unit, outcome));
    this.name = 'UnitFailed';
    this.unit = unit;
    this.outcome = outcome;
    this.code = outcome.kind === 'returned' ? 'unit-unfinished' : 'program-failed';
    this.remedy =
      outcome.kind === 'returned'
        ? 'Make units smaller, or raise limits.memory or limits.time in the job file.'
        : 'Mend the program; its log for this unit is above.';
  }
}

function sentenceOf(unit: number, outcome: UnitOutcome): string {
  switch (outcome.kind) {
    case 'completed':
      return `The program ended unit ${unit} with exit code ${outcome.exitCode}.${logOf(outcome.stderr)}`;
    case 'trapped':
      return `The program broke off in unit ${unit}: ${trapSentences[outcome.trap]}.${logOf(outcome.stderr)}`;
    case 'returned':
      return `Unit ${unit} could not be finished on this machine: ${returnSentences[outcome.cause]}.`;
  }
}

const trapSentences: Readonly<Record<TrappedUnit['trap'], string>> = {
  unreachable: 'it reached an instruction that must not be reached (an abort or a failed assertion)',
  'memory-out-of-bounds': 'it read or wrote outside its memory',
  'table-out-of-bounds': 'it called a function that does not exist',
  'division-by-zero': 'it divided a whole number by zero',
  'integer-overflow': 'a whole number was too large',
  'invalid-conversion': 'it converted something that is no number to a whole number',
  'indirect-call': 'it called a function of another type than it said',
  'output-limit': 'it wrote more output than limits.output allows',
  'fuel-limit': 'it used more fuel than the job allows',
};

const returnSentences: Readonly<Record<ReturnedUnit['cause'], string>> = {
  'stack-exhausted': 'it calls itself too deeply',
  'time-limit': 'it took longer than limits.time',
  'host-memory': 'this machine has not enough memory',
  'runner-lost': 'the runner process ended',
  cancelled: 'it was cancelled',
};

function logOf(stderr: Uint8Array): string {
  const text = new TextDecoder().decode(stderr).trimEnd();
  return text === '' ? '' : ` It wrote:\n${text}`;
}
