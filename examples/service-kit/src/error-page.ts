import { html } from './html.ts';
import type { Language, Texts } from './language.ts';
import type { Page } from './layout.ts';

/** The page for whatever went wrong: a sentence, and what to do. What only we can mend says nothing of itself. */
export function errorPage(
  error: unknown,
  language: Language,
): { readonly status: number; readonly page: Page } {
  const { code, statusCode } = (typeof error === 'object' && error !== null ? error : {}) as Facts;
  const known = Object.hasOwn(sentences, code ?? '') ? (code as keyof typeof sentences) : 'other';
  const [title, sentence] = sentences[known].texts[language];
  const status = sentences[known].status ?? statusCode ?? 500;
  return {
    status,
    page: {
      title,
      body: html`<p class="error" role="alert">${sentence}</p><p><a class="button" href="/">${back[language]}</a></p>`,
    },
  };
}

interface Facts {
  readonly code?: string;
  readonly statusCode?: number;
}

const back: Texts = { en: 'Back to the start', ja: '最初のページへ' };

const sentences: Readonly<
  Record<
    | 'not-found'
    | 'forbidden'
    | 'unreachable'
    | 'upstream-unreachable'
    | 'session-expired'
    | 'points-short'
    | 'other',
    { readonly status?: number; readonly texts: Texts<readonly [string, string]> }
  >
> = {
  'not-found': {
    status: 404,
    texts: {
      en: ['Not found', 'There is no such page.'],
      ja: ['見つかりません', 'このページはありません。'],
    },
  },
  forbidden: {
    status: 403,
    texts: {
      en: ['Refused', 'The form came from another site.'],
      ja: ['受け付けられません', '他のサイトから送られたフォームです。'],
    },
  },
  unreachable: {
    status: 502,
    texts: {
      en: ['Please wait a moment', 'The vendor’s server does not answer. Nothing was lost; try again.'],
      ja: [
        'しばらくお待ちください',
        '販売業者のサーバーが応答しません。失われたものはありません。もう一度お試しください。',
      ],
    },
  },
  'upstream-unreachable': {
    status: 502,
    texts: {
      en: [
        'Please wait a moment',
        'The points cannot be asked for just now. Try again, or pay without points.',
      ],
      ja: [
        'しばらくお待ちください',
        'ポイントを照会できません。もう一度試すか、ポイントを使わずにお支払いください。',
      ],
    },
  },
  'session-expired': {
    status: 401,
    texts: {
      en: ['Signed out', 'The session is over. Sign in again with the license key.'],
      ja: [
        'サインアウトしました',
        'セッションが終わりました。ライセンスキーでもう一度サインインしてください。',
      ],
    },
  },
  'points-short': {
    status: 422,
    texts: {
      en: ['Too few points', 'There are fewer points than you wished to spend. Choose fewer.'],
      ja: ['ポイントが足りません', 'ご希望より少ないポイントしかありません。少なくしてお試しください。'],
    },
  },
  other: {
    texts: {
      en: ['Something went wrong', 'We made a mistake. Try again.'],
      ja: ['エラーが発生しました', '不具合が起きました。もう一度お試しください。'],
    },
  },
};
