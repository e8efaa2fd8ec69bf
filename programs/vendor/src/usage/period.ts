/** A month in UTC, such as `2026-11`: the period of a usage bill. Months sort as text. */
export function periodOf(at: Date): string {
  return at.toISOString().slice(0, 7);
}

/** The month after. */
export function nextPeriod(period: string): string {
  const [year = 0, month = 0] = period.split('-').map(Number);
  return new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 7);
}

/** The period in which a use counts now: the present month, or the first after it that is not closed. */
export function openPeriod(now: Date, closed: ReadonlySet<string>): string {
  let period = periodOf(now);
  while (closed.has(period)) {
    period = nextPeriod(period);
  }
  return period;
}
