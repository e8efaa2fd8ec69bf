/**
 * The largest share of wrong results that is still likely, after `failed` of `drawn` random checks found one: with a
 * greater share, so few would have been found in less than 5 of 100 cases (Clopper and Pearson's upper bound).
 */
export function wrongShareBound(failed: number, drawn: number): number {
  if (drawn === 0 || failed >= drawn) {
    return 1;
  }
  let low = failed / drawn;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const share = (low + high) / 2;
    if (chanceOfAtMost(failed, drawn, share) > 1 - confidence) {
      low = share;
    } else {
      high = share;
    }
  }
  return high;
}

const confidence = 0.95;

/** The chance of at most `most` hits in `draws`, each with this chance. */
function chanceOfAtMost(most: number, draws: number, chance: number): number {
  let logTerm = draws * Math.log1p(-chance);
  let sum = Math.exp(logTerm);
  for (let hits = 1; hits <= most; hits++) {
    logTerm += Math.log((draws - hits + 1) / hits) + Math.log(chance) - Math.log1p(-chance);
    sum += Math.exp(logTerm);
  }
  return sum;
}
