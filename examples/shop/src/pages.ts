import { type Html, html } from '@taika/example-service-kit/html';
import type { Language } from '@taika/example-service-kit/language';
import type { Page } from '@taika/example-service-kit/layout';
import { moneyText, pointsText } from '@taika/example-service-kit/money';
import { type Basket, contents, totalMilli, yenAsMilli } from './basket.ts';
import { goods } from './goods.ts';
import { texts } from './texts.ts';

/** A member's points, as the vendor server said. */
export interface Points {
  readonly availableMilli: string;
}

/** The shelf. */
export function shelfPage(language: Language, points: Points | undefined): Page {
  const say = texts[language];
  return {
    title: say.shelf,
    body: html`${points === undefined ? html`<p class="points">${say.offer}</p>` : pointsLine(points, language)}
<ul class="goods">${goods.map(
      (good) => html`<li class="card"><span class="sign" aria-hidden="true">${good.sign}</span>
<h2>${good.name[language]}</h2><p>${good.about[language]}</p>
<span class="price">${yen(good.priceYen, language)}</span>
<form method="post" action="/basket"><input type="hidden" name="good" value="${good.id}"><input type="hidden" name="by" value="1">
<button aria-label="${say.add}: ${good.name[language]}">${say.add}</button></form></li>`,
    )}</ul>`,
  };
}

/** The basket, with the checkout. */
export function basketPage(language: Language, basket: Basket, points: Points | undefined): Page {
  const say = texts[language];
  const rows = contents(basket).map(
    ({ good, quantity }) => html`<tr><td>${good.name[language]}</td><td class="number">${quantity}</td>
<td class="number">${yen(good.priceYen * quantity, language)}</td>
<td><form method="post" action="/basket"><input type="hidden" name="good" value="${good.id}"><input type="hidden" name="by" value="-1"><button class="quiet" aria-label="${say.less}: ${good.name[language]}">${say.less}</button></form></td></tr>`,
  );
  if (rows.length === 0) {
    return {
      title: say.basket,
      body: html`<p>${say.empty}</p><p><a class="button" href="/">${say.shelf}</a></p>`,
    };
  }
  const total = moneyText({ currency: 'JPY', amountMilli: String(totalMilli(basket)) }, language);
  return {
    title: say.basket,
    body: html`<div class="scroll"><table><caption>${say.contents}</caption>
<thead><tr><th scope="col">${say.good}</th><th scope="col" class="number">${say.quantity}</th><th scope="col" class="number">${say.amount}</th><th scope="col"><span aria-hidden="true">·</span></th></tr></thead>
<tbody>${rows}</tbody>
<tfoot><tr class="total"><th scope="row" colspan="2">${say.total}</th><td class="number">${total}</td><td></td></tr></tfoot></table></div>
${points === undefined ? html`<p>${say.signInFirst}</p><p><a class="button" href="/sign-in">${say.signIn}</a></p>` : checkout(language, points)}`,
  };
}

function checkout(language: Language, points: Points): Html {
  const say = texts[language];
  return html`${pointsLine(points, language)}
<form method="post" action="/checkout" class="row">
<button name="points" value="all">${say.usePoints}</button>
<button name="points" value="0" class="quiet">${say.payMoney}</button>
</form>
<p class="hint">${say.confirmHint}</p>`;
}

function pointsLine({ availableMilli }: Points, language: Language): Html {
  const say = texts[language];
  return html`<p class="points">${say.yourPoints} <strong>${pointsText(availableMilli, language)}</strong></p>`;
}

function yen(amount: number, language: Language): string {
  return moneyText({ currency: 'JPY', amountMilli: yenAsMilli(amount) }, language);
}
