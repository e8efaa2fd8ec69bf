/** The reader's language by the environment, as POSIX ranks its variables; an empty one says nothing. English for any but Japanese. */
export function readerLanguage(
  { LC_ALL, LC_MESSAGES, LANG }: Readonly<Record<string, string | undefined>> = process.env,
): 'ja' | 'en' {
  return /^ja/.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'ja' : 'en';
}
