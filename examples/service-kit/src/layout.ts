import { type Html, html } from './html.ts';
import { type Language, languages, type Texts } from './language.ts';
import type { SignedIn } from './visitors.ts';

/** What surrounds every page of a service. */
export interface Frame {
  readonly language: Language;
  readonly service: Texts;
  readonly member: SignedIn | undefined;
  /** Links of the service: path and name. */
  readonly links: readonly { readonly path: string; readonly name: Texts }[];
  /** The page's own path, for the choice of language. */
  readonly path: string;
}

/** One page: its title, and what stands in it. */
export interface Page {
  readonly title: string;
  readonly body: Html;
  /** A script of the kit that the page needs. */
  readonly script?: 'wait';
}

/** The whole document. Landmarks, a skip link and one `h1`; nothing is loaded from elsewhere. */
export function layout(frame: Frame, page: Page): string {
  const { language, service, member, links, path } = frame;
  const say = texts[language];
  const { text } = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} · ${service[language]}</title>
<link rel="stylesheet" href="/kit/style.css">
${page.script === undefined ? undefined : html`<script src="/kit/${page.script}.js" defer></script>`}
</head>
<body>
<a class="skip" href="#main">${say.skip}</a>
<header>
<a class="brand" href="/">${service[language]}</a>
<nav aria-label="${say.menu}">
${links.map((link) => html`<a href="${link.path}"${link.path === path ? html` aria-current="page"` : undefined}>${link.name[language]}</a> `)}
</nav>
<div class="who">
${member === undefined ? html`<a href="/sign-in">${say.signIn}</a>` : signedIn(member, say)}
<span class="languages" role="group" aria-label="${say.language}">
${languages.map((each) => html`<a href="${path}?lang=${each}" lang="${each}" hreflang="${each}"${each === language ? html` aria-current="true"` : undefined}>${names[each]}</a> `)}
</span>
</div>
</header>
<main id="main">
<h1>${page.title}</h1>
${page.body}
</main>
<footer><p>${say.footer}</p></footer>
</body>
</html>`;
  return text;
}

function signedIn(member: SignedIn, say: Record<'signOut' | 'hello', string>): Html {
  return html`<form method="post" action="/sign-out"><span>${say.hello} <strong>${member.name}</strong> <small>…${member.keyHint}</small></span>
<button class="quiet">${say.signOut}</button></form>`;
}

const names: Texts = { en: 'English', ja: '日本語' };

const texts: Texts<Record<'skip' | 'menu' | 'signIn' | 'signOut' | 'hello' | 'language' | 'footer', string>> =
  {
    en: {
      skip: 'Skip to the content',
      menu: 'Pages',
      signIn: 'Sign in',
      signOut: 'Sign out',
      hello: 'Signed in as',
      language: 'Language',
      footer: 'A sample service of Taika: its members pay with points that their idle machines earn.',
    },
    ja: {
      skip: '本文へ移動',
      menu: 'ページ',
      signIn: 'サインイン',
      signOut: 'サインアウト',
      hello: 'サインイン中：',
      language: '言語',
      footer: 'Taika のサンプルサービスです。会員は、空いている計算機が得たポイントで支払えます。',
    },
  };
