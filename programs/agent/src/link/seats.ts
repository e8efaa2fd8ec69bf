/** Which running applications hold a seat of which license. Pure: a session that ends gives its seat back. */
export interface Seats {
  /** True when the application has a seat now; asking again for the same one changes nothing. */
  take(license: string, appKey: string, seatsMax: number): boolean;
  free(license: string, appKey: string): void;
  taken(license: string): number;
}

export function createSeats(): Seats {
  const holders = new Map<string, Set<string>>();
  return {
    take(license, appKey, seatsMax) {
      const seated = holders.get(license) ?? new Set();
      if (!seated.has(appKey) && seated.size >= seatsMax) return false;
      holders.set(license, seated.add(appKey));
      return true;
    },
    free(license, appKey) {
      holders.get(license)?.delete(appKey);
    },
    taken: (license) => holders.get(license)?.size ?? 0,
  };
}
