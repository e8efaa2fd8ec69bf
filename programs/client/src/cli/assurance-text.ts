import { readerLanguage } from '@taika/cli/reader-language';
import type { JobViewText } from '@taika/protocol/dispatch/jobs';

/** What was checked of a job and what may still be wrong, in the reader's language. */
export function assuranceText({ assurance }: JobViewText, lang = readerLanguage()): string {
  return assurance[lang];
}

/** What was found wrong after it counted as final, in the reader's language, the oldest first. */
export function correctionTexts({ corrections = [] }: JobViewText, lang = readerLanguage()): string[] {
  return corrections.map((correction) => correction[lang]);
}
