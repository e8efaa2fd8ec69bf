import type { OrderText } from '@taika/protocol/vendor/services';
import { type Html, html } from './html.ts';
import type { Language, Texts } from './language.ts';
import type { Page } from './layout.ts';
import { moneyText, pointsText } from './money.ts';

/** The page of an order: waiting for the member's confirmation, or how it ended. `stateUrl` answers `{state}` for its script. */
export function orderPage(order: OrderText, language: Language, stateUrl: string): Page {
  const isWaiting = order.state === 'priced' || order.state === 'awaiting-confirmation';
  return isWaiting ? waitingPage(order, language, stateUrl) : endPage(order, language);
}

function waitingPage(order: OrderText, language: Language, stateUrl: string): Page {
  const say = texts[language];
  const points = pointsText(order.pointsMilli, language);
  return {
    title: say.waiting,
    script: 'wait',
    body: html`<p>${say.confirm.replace('{points}', points)}</p>
<pre><code>taika agent confirm ${order.orderId}</code></pre>
<p class="hint">${say.several} <code>--agent NAME</code></p>
<p class="hint">${say.decline}</p>
<pre><code>taika agent decline ${order.orderId}</code></pre>
<p id="status" role="status" data-url="${stateUrl}" data-state="${order.state}">${order.state === 'priced' ? say.holding : say.held}</p>
${amounts(order, language)}
<p><a class="button" href="">${say.look}</a></p>`,
  };
}

function endPage(order: OrderText, language: Language): Page {
  const say = texts[language];
  const isDone = order.state === 'completed';
  return {
    title: say[order.state],
    body: html`${order.reason === undefined ? undefined : html`<p class="${isDone ? 'points' : 'error'}">${say.reasons[order.reason.code] ?? order.reason.sentence}</p>`}
${isDone ? amounts(order, language) : html`<p>${say.nothing}</p>`}
<p class="hint">${say.number} <code>${order.orderId}</code>${order.completedAt === undefined ? undefined : html` · <time datetime="${order.completedAt}">${new Date(order.completedAt).toLocaleString(language)}</time>`}</p>
<p><a class="button" href="/">${say.back}</a></p>`,
  };
}

/** Lines, price, points taken off, charge: what the member pays is price − points, and both sums are shown. */
function amounts(order: OrderText, language: Language): Html {
  const say = texts[language];
  const money = (amount: OrderText['price']) => moneyText(amount, language);
  const rows = order.lines.map(({ description, quantity, unitPrice }) => {
    const amountMilli = String(BigInt(unitPrice.amountMilli) * BigInt(quantity));
    return html`<tr><td>${description}</td><td class="number">${quantity}</td><td class="number">${money({ ...unitPrice, amountMilli })}</td></tr>`;
  });
  return html`<div class="scroll"><table>
<caption>${say.amounts}</caption>
<thead><tr><th scope="col">${say.item}</th><th scope="col" class="number">${say.quantity}</th><th scope="col" class="number">${say.amount}</th></tr></thead>
<tbody>${rows}</tbody>
<tfoot>
<tr><th scope="row" colspan="2">${say.price}</th><td class="number" data-sum="price">${money(order.price)}</td></tr>
<tr><th scope="row" colspan="2">${say.points} (${pointsText(order.pointsMilli, language)})</th><td class="number" data-sum="discount">−${money(order.discount)}</td></tr>
<tr class="total"><th scope="row" colspan="2">${say.charge}</th><td class="number" data-sum="charge">${money(order.charge)}</td></tr>${refundedRow(order, language)}
</tfoot>
</table></div>
<p class="hint">${say.contractor.replace('{discount}', money(order.discount))}</p>`;
}

/** What went back after a refund, and how; nothing where none did. */
function refundedRow({ refunded }: OrderText, language: Language): Html | undefined {
  if (refunded === undefined) {
    return undefined;
  }
  const say = texts[language];
  const how = say.refundedAs
    .replace('{points}', pointsText(refunded.pointsMilli, language))
    .replace('{money}', moneyText(refunded.money, language));
  return html`
<tr><th scope="row" colspan="2">${say.refunded} (${how})</th><td class="number" data-sum="refunded">−${moneyText(refunded.amount, language)}</td></tr>`;
}

interface OrderTexts {
  readonly waiting: string;
  readonly confirm: string;
  readonly several: string;
  readonly decline: string;
  readonly holding: string;
  readonly held: string;
  readonly look: string;
  readonly completed: string;
  readonly cancelled: string;
  readonly expired: string;
  readonly refused: string;
  readonly priced: string;
  readonly 'awaiting-confirmation': string;
  readonly nothing: string;
  readonly number: string;
  readonly back: string;
  readonly amounts: string;
  readonly item: string;
  readonly quantity: string;
  readonly amount: string;
  readonly price: string;
  readonly points: string;
  readonly charge: string;
  readonly contractor: string;
  readonly refunded: string;
  readonly refundedAs: string;
  /** Sentences for reasons that have one in this language. */
  readonly reasons: Readonly<Record<string, string>>;
}

const texts: Texts<OrderTexts> = {
  en: {
    waiting: 'Please confirm in your agent',
    confirm:
      'Points are spent only with your agent’s signature. To spend {points} points on this order, run:',
    several: 'With several agents on this machine, say which one holds this membership by adding',
    decline: 'To say no, run:',
    holding: 'Waiting for the points to be held…',
    held: 'The points are held for you. Waiting for your confirmation…',
    look: 'Look again',
    completed: 'Receipt',
    cancelled: 'The order was cancelled',
    expired: 'The order has expired',
    refused: 'The order was not completed',
    priced: 'The order waits',
    'awaiting-confirmation': 'The order waits',
    nothing: 'Nothing was charged, and held points are yours again.',
    number: 'Order',
    back: 'Back to the start',
    amounts: 'What it comes to',
    item: 'Item',
    quantity: 'Quantity',
    amount: 'Amount',
    price: 'Price',
    points: 'Points taken off',
    charge: 'You pay',
    contractor: 'The contractor pays us {discount} for the points that were taken off.',
    refunded: 'Refunded',
    refundedAs: '{points} points, {money} in money',
    reasons: {
      declined: 'You declined to spend points.',
      'not-confirmed': 'Nobody confirmed in time.',
      'points-short': 'There were not enough points any more.',
    },
  },
  ja: {
    waiting: 'エージェントで確認してください',
    confirm:
      'ポイントはエージェントの署名があるときだけ使われます。この注文に {points} ポイントを使うには、次を実行してください。',
    several: 'この計算機に複数のエージェントがある場合は、どれかを指定してください：',
    decline: '使わない場合は、次を実行してください。',
    holding: 'ポイントの確保を待っています…',
    held: 'ポイントを確保しました。確認を待っています…',
    look: 'もう一度見る',
    completed: '領収書',
    cancelled: '注文は取り消されました',
    expired: '注文の期限が過ぎました',
    refused: '注文は成立しませんでした',
    priced: '注文を処理しています',
    'awaiting-confirmation': '注文を処理しています',
    nothing: '請求はありません。確保したポイントはお返ししました。',
    number: '注文番号',
    back: '最初のページへ',
    amounts: '金額の内訳',
    item: '品目',
    quantity: '数量',
    amount: '金額',
    price: '代金',
    points: 'ポイント差引',
    charge: 'お支払い',
    contractor: '差し引いた {discount} は、電算業務請負事業者が当方に支払います。',
    refunded: '返金',
    refundedAs: '{points} ポイント、現金 {money}',
    reasons: {
      declined: 'ポイントの使用をお断りになりました。',
      'not-confirmed': '期限までに確認がありませんでした。',
      'points-short': 'ポイントが足りなくなりました。',
    },
  },
};
