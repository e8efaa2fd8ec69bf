import type { Locale } from './document.ts';
import { type Format, formats, mediaTypes } from './render.ts';

/** The format that an `Accept` header asks for before JSON; undefined where JSON, or anything, will do. */
export function formatOfAccept(accept: string | undefined): Exclude<Format, 'json'> | undefined {
  const wanted = (accept ?? '')
    .split(',')
    .map((part) => {
      const [type = '', ...parameters] = part.split(';').map((text) => text.trim());
      const quality = parameters.find((parameter) => parameter.startsWith('q='));
      return { type: type.toLowerCase(), quality: quality === undefined ? 1 : Number(quality.slice(2)) };
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality);
  for (const { type } of wanted) {
    if (type === 'application/json' || type === '*/*') {
      return undefined;
    }
    const found = formats.find((format) => mediaTypes[format].startsWith(type) && type.includes('/'));
    if (found !== undefined && found !== 'json') {
      return found;
    }
  }
  return undefined;
}

/** The language of labels: what the query says, else what `Accept-Language` prefers, else English. */
export function chooseLocale(lang: string | undefined, acceptLanguage: string | undefined): Locale {
  const preferred = lang ?? acceptLanguage?.split(',')[0] ?? 'en';
  return /^\s*ja\b/i.test(preferred) ? 'ja' : 'en';
}
