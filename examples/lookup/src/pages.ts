import { type Html, html } from '@taika/example-service-kit/html';
import type { Language } from '@taika/example-service-kit/language';
import type { Page } from '@taika/example-service-kit/layout';
import { moneyText, pointsText } from '@taika/example-service-kit/money';
import type { MoneyText } from '@taika/protocol/schema';
import type { Prefecture } from './prefectures.ts';
import { texts } from './texts.ts';

/** What a month has come to so far. */
export interface Usage {
  readonly period: string;
  readonly quantity: number;
  readonly feeSoFar: MoneyText;
}

/** A search that was made. */
export interface Found {
  readonly text: string;
  readonly rows: readonly Prefecture[];
}

/** The search, with what was found and what the month has come to. */
export function searchPage(language: Language, usage: Usage | undefined, found?: Found): Page {
  const say = texts[language];
  return {
    title: say.title,
    body: html`<form method="post" action="/search" role="search" class="row">
<div class="field"><label for="text">${say.label}</label>
<input id="text" name="text" required maxlength="60" value="${found?.text ?? ''}" aria-describedby="hint"></div>
<div class="field"><button>${say.button}</button></div>
</form>
<p class="hint" id="hint">${say.hint}</p>
<div role="status">${found === undefined ? undefined : results(found.rows, language)}
${usage === undefined ? undefined : html`<p class="points">${usageText(usage, language)}</p>`}</div>`,
  };
}

/** What the month will be billed for. */
export function billPage(language: Language, usage: Usage | undefined, availableMilli: string): Page {
  const say = texts[language];
  return {
    title: say.bill,
    body: html`<p class="points">${usage === undefined ? say.noUse : usageText(usage, language)}</p>
<p>${say.yourPoints} <strong>${pointsText(availableMilli, language)}</strong></p>
<p>${say.billHint}</p>
<pre><code>taika agent orders</code></pre>`,
  };
}

function results(rows: readonly Prefecture[], language: Language): Html {
  const say = texts[language];
  if (rows.length === 0) {
    return html`<p>${say.nothing}</p>`;
  }
  return html`<div class="scroll"><table><caption>${say.found.replace('{count}', String(rows.length))}</caption>
<thead><tr><th scope="col">${say.prefecture}</th><th scope="col">${say.capital}</th><th scope="col">${say.region}</th><th scope="col" class="number">${say.code}</th></tr></thead>
<tbody>${rows.map(
    ({ name, capital, region, code }) =>
      html`<tr><th scope="row">${name[language]}</th><td>${capital[language]}</td><td>${region[language]}</td><td class="number">${code}</td></tr>`,
  )}</tbody></table></div>`;
}

function usageText({ period, quantity, feeSoFar }: Usage, language: Language): string {
  return texts[language].soFar
    .replace('{period}', period)
    .replace('{count}', String(quantity))
    .replace('{fee}', moneyText(feeSoFar, language));
}
