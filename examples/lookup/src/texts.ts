import type { Texts } from '@taika/example-service-kit/language';

type Name =
  | 'title'
  | 'label'
  | 'button'
  | 'hint'
  | 'prefecture'
  | 'capital'
  | 'region'
  | 'code'
  | 'found'
  | 'nothing'
  | 'soFar'
  | 'bill'
  | 'noUse'
  | 'billHint'
  | 'yourPoints';

/** What the search says. */
export const texts: Texts<Record<Name, string>> = {
  en: {
    title: 'Search the prefectures of Japan',
    label: 'Name, capital, region or code',
    button: 'Search',
    hint: 'Each search is counted and billed by the month. Points are taken off the bill.',
    prefecture: 'Prefecture',
    capital: 'Capital',
    region: 'Region',
    code: 'Code',
    found: 'Found: {count}',
    nothing: 'Nothing was found. The search was counted.',
    soFar: 'Searches in {period}: {count}, which comes to {fee} so far.',
    bill: 'This month’s bill',
    noUse: 'Your next search shows here what the month has come to.',
    billHint:
      'After the month ends the bill is worked out and your points are taken off. It then waits in your agent for your confirmation; without it the bill is charged in money.',
    yourPoints: 'Points to spend:',
  },
  ja: {
    title: '都道府県データベース検索',
    label: '名前・県庁所在地・地方・コード',
    button: '検索',
    hint: '検索は一回ごとに数えられ、月ごとに請求されます。ポイントは請求から差し引かれます。',
    prefecture: '都道府県',
    capital: '都道府県庁所在地',
    region: '地方',
    code: 'コード',
    found: '{count} 件',
    nothing: '見つかりませんでした。検索は一回と数えました。',
    soFar: '{period} の検索は {count} 回、ここまで {fee} です。',
    bill: '今月の請求',
    noUse: '次に検索すると、今月の合計がここに表示されます。',
    billHint:
      '月が終わると請求額を計算し、ポイントを差し引きます。請求はエージェントでの確認を待ち、確認がなければ現金で請求します。',
    yourPoints: '使えるポイント：',
  },
};
