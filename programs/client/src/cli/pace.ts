/** How fast a job goes, over the last moments. */
export interface Pace {
  readonly unitsPerSecond: number;
  /** Undefined while nothing is known: no unit was done yet, or nobody knows how many there are. */
  readonly remainingSeconds: number | undefined;
}

/** Watches a count grow. Times are of any clock that does not go back. */
export interface PaceMeter {
  note(done: number, total: number | undefined, atMs: number): Pace;
}

/** Long enough that a unit of a minute shows, short enough that a terminal that joins does too. */
const windowMs = 120_000;

/** Creates a meter over the last two minutes: the average since the start would hide that terminals came or went. */
export function createPaceMeter(): PaceMeter {
  const seen: { readonly done: number; readonly atMs: number }[] = [];
  return {
    note(done, total, atMs) {
      seen.push({ done, atMs });
      while (seen.length > 2 && atMs - (seen[0]?.atMs ?? atMs) > windowMs) seen.shift();
      const first = seen[0] ?? { done, atMs };
      const seconds = (atMs - first.atMs) / 1000;
      const unitsPerSecond = seconds > 0 ? (done - first.done) / seconds : 0;
      const remainingSeconds =
        total === undefined || unitsPerSecond <= 0 ? undefined : (total - done) / unitsPerSecond;
      return { unitsPerSecond, remainingSeconds };
    },
  };
}

/** `12 units/s, 3 min left`; of the parts only what is known. */
export function paceText({ unitsPerSecond, remainingSeconds }: Pace): string {
  const rate = unitsPerSecond > 0 ? `${rateText(unitsPerSecond)}` : '';
  const left = remainingSeconds === undefined ? '' : `${spanText(remainingSeconds)} left`;
  return [rate, left].filter((part) => part !== '').join(', ');
}

function rateText(unitsPerSecond: number): string {
  if (unitsPerSecond >= 1) return `${Number(unitsPerSecond.toPrecision(3))} units/s`;
  return `${(unitsPerSecond * 60).toPrecision(2)} units/min`;
}

/** A span of time as people say it, rounded up. */
export function spanText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86_400).toFixed(1)} days`;
}
