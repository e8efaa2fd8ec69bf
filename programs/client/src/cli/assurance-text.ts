import type { JobViewText } from '@taika/protocol/dispatch/jobs';

/** What was checked of a job and what may still be wrong, in the reader's language. */
export function assuranceText({ assurance }: JobViewText, lang = process.env.LANG): string {
  return /^ja/.test(lang ?? '') ? assurance.ja : assurance.en;
}
