import type { Texts } from '@taika/example-service-kit/language';

type Name =
  | 'shelf'
  | 'offer'
  | 'add'
  | 'less'
  | 'basket'
  | 'empty'
  | 'contents'
  | 'good'
  | 'quantity'
  | 'amount'
  | 'total'
  | 'signIn'
  | 'signInFirst'
  | 'usePoints'
  | 'payMoney'
  | 'confirmHint'
  | 'yourPoints';

/** What the shop says. */
export const texts: Texts<Record<Name, string>> = {
  en: {
    shelf: 'Good things for a quiet day',
    offer: 'Members pay with points that their idle machines earn: one point is one yen.',
    add: 'Into the basket',
    less: 'One less',
    basket: 'Your basket',
    empty: 'There is nothing in the basket yet.',
    contents: 'What is in it',
    good: 'Article',
    quantity: 'Quantity',
    amount: 'Amount',
    total: 'Total',
    signIn: 'Sign in',
    signInFirst: 'Sign in with your license key to order.',
    usePoints: 'Order and use points',
    payMoney: 'Order and pay in money',
    confirmHint: 'Points are spent only after you confirm the amount in your agent.',
    yourPoints: 'Points to spend:',
  },
  ja: {
    shelf: '静かな一日のための品々',
    offer: '会員は、空いている計算機が得たポイントで支払えます。1 ポイントは 1 円です。',
    add: 'かごに入れる',
    less: '一つ減らす',
    basket: '買い物かご',
    empty: 'かごはまだ空です。',
    contents: 'かごの中身',
    good: '品目',
    quantity: '数量',
    amount: '金額',
    total: '合計',
    signIn: 'サインイン',
    signInFirst: 'ご注文にはライセンスキーでのサインインが必要です。',
    usePoints: 'ポイントを使って注文する',
    payMoney: '現金で注文する',
    confirmHint: 'ポイントは、エージェントで金額を確認したあとにだけ使われます。',
    yourPoints: '使えるポイント：',
  },
};
