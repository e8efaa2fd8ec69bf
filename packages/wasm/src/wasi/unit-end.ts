/** Thrown through the program by `proc_exit`. WebAssembly without exceptions cannot catch it. */
export class UnitExit extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`The program ended with exit code ${exitCode}.`);
    this.exitCode = exitCode;
  }
}

/** Thrown through the program by the first byte on standard output past the job's bound. */
export class OutputLimitReached extends Error {}

/** Thrown by a host call with which the unit has passed its fuel. */
export class FuelLimitReached extends Error {}
