/** The model of `forecast.ts` in plain TypeScript, for the truth, the free run and the tests. */
export type State = readonly number[];

export const variables = 40;
const forcing = 8;
const step = 0.05;

/** One step of six hours by the classical fourth-order Runge–Kutta method. */
export function advance(state: State): State {
  const k1 = tendency(state);
  const k2 = tendency(moved(state, k1, step / 2));
  const k3 = tendency(moved(state, k2, step / 2));
  const k4 = tendency(moved(state, k3, step));
  return state.map(
    (value, i) => value + (step / 6) * (at(k1, i) + 2 * at(k2, i) + 2 * at(k3, i) + at(k4, i)),
  );
}

function tendency(x: State): State {
  return x.map((value, i) => (at(x, i + 1) - at(x, i - 2)) * at(x, i - 1) - value + forcing);
}

function moved(state: State, slope: State, by: number): State {
  return state.map((value, i) => value + by * at(slope, i));
}

function at(x: State, index: number): number {
  return x[(index + variables) % variables] ?? Number.NaN;
}
