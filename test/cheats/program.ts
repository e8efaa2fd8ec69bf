/** What the terminals of these tests compute: no program is run, but every terminal that is honest gives the same. */
export interface UnitAnswer {
  readonly output: string;
  readonly fuel: number;
}

/** Line `unit` of a job's input. */
export function inputLine(unit: number): string {
  return `unit ${unit}\n`;
}

/** The input of a job of so many units. */
export function inputOf(units: number): string {
  return Array.from({ length: units }, (_, unit) => inputLine(unit)).join('');
}

/** What everybody who computes gets. */
export function compute(input: string): UnitAnswer {
  return { output: input.toUpperCase(), fuel: 100_000_000 };
}

/** The merged output where nobody lied. */
export function honestResult(units: number): string {
  return Array.from({ length: units }, (_, unit) => compute(inputLine(unit)).output).join('');
}
