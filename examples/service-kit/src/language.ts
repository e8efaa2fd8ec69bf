/** The languages of the sample services. */
export const languages = ['en', 'ja'] as const;
export type Language = (typeof languages)[number];

/** A text in each language. */
export type Texts<T = string> = Readonly<Record<Language, T>>;

/** The language that was chosen, else the first of the browser's that there is, else English. */
export function chooseLanguage(chosen: string | undefined, acceptLanguage: string | undefined): Language {
  const wishes = [chosen, ...(acceptLanguage ?? '').split(',')].map((wish) => wish?.trim().slice(0, 2));
  return languages.find((language) => language === wishes.find((wish) => isLanguage(wish))) ?? 'en';
}

function isLanguage(text: string | undefined): text is Language {
  return languages.some((language) => language === text);
}
