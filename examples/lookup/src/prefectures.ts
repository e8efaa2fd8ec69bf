import type { Texts } from '@taika/example-service-kit/language';

/** One row of the database: a prefecture of Japan. */
export interface Prefecture {
  readonly name: Texts;
  readonly capital: Texts;
  readonly region: Texts;
  /** Two digits of the code of local governments. */
  readonly code: string;
}

const regions = {
  hokkaido: { en: 'Hokkaido', ja: '北海道' },
  tohoku: { en: 'Tohoku', ja: '東北' },
  kanto: { en: 'Kanto', ja: '関東' },
  chubu: { en: 'Chubu', ja: '中部' },
  kinki: { en: 'Kinki', ja: '近畿' },
  chugoku: { en: 'Chugoku', ja: '中国' },
  shikoku: { en: 'Shikoku', ja: '四国' },
  kyushu: { en: 'Kyushu and Okinawa', ja: '九州・沖縄' },
} as const satisfies Record<string, Texts>;

/** name in English, in Japanese, capital in English, in Japanese: one line a prefecture, in the order of their codes. */
const lines: readonly (readonly [keyof typeof regions, string, string, string, string])[] = [
  ['hokkaido', 'Hokkaido', '北海道', 'Sapporo', '札幌'],
  ['tohoku', 'Aomori', '青森', 'Aomori', '青森'],
  ['tohoku', 'Iwate', '岩手', 'Morioka', '盛岡'],
  ['tohoku', 'Miyagi', '宮城', 'Sendai', '仙台'],
  ['tohoku', 'Akita', '秋田', 'Akita', '秋田'],
  ['tohoku', 'Yamagata', '山形', 'Yamagata', '山形'],
  ['tohoku', 'Fukushima', '福島', 'Fukushima', '福島'],
  ['kanto', 'Ibaraki', '茨城', 'Mito', '水戸'],
  ['kanto', 'Tochigi', '栃木', 'Utsunomiya', '宇都宮'],
  ['kanto', 'Gunma', '群馬', 'Maebashi', '前橋'],
  ['kanto', 'Saitama', '埼玉', 'Saitama', 'さいたま'],
  ['kanto', 'Chiba', '千葉', 'Chiba', '千葉'],
  ['kanto', 'Tokyo', '東京', 'Shinjuku', '新宿'],
  ['kanto', 'Kanagawa', '神奈川', 'Yokohama', '横浜'],
  ['chubu', 'Niigata', '新潟', 'Niigata', '新潟'],
  ['chubu', 'Toyama', '富山', 'Toyama', '富山'],
  ['chubu', 'Ishikawa', '石川', 'Kanazawa', '金沢'],
  ['chubu', 'Fukui', '福井', 'Fukui', '福井'],
  ['chubu', 'Yamanashi', '山梨', 'Kofu', '甲府'],
  ['chubu', 'Nagano', '長野', 'Nagano', '長野'],
  ['chubu', 'Gifu', '岐阜', 'Gifu', '岐阜'],
  ['chubu', 'Shizuoka', '静岡', 'Shizuoka', '静岡'],
  ['chubu', 'Aichi', '愛知', 'Nagoya', '名古屋'],
  ['kinki', 'Mie', '三重', 'Tsu', '津'],
  ['kinki', 'Shiga', '滋賀', 'Otsu', '大津'],
  ['kinki', 'Kyoto', '京都', 'Kyoto', '京都'],
  ['kinki', 'Osaka', '大阪', 'Osaka', '大阪'],
  ['kinki', 'Hyogo', '兵庫', 'Kobe', '神戸'],
  ['kinki', 'Nara', '奈良', 'Nara', '奈良'],
  ['kinki', 'Wakayama', '和歌山', 'Wakayama', '和歌山'],
  ['chugoku', 'Tottori', '鳥取', 'Tottori', '鳥取'],
  ['chugoku', 'Shimane', '島根', 'Matsue', '松江'],
  ['chugoku', 'Okayama', '岡山', 'Okayama', '岡山'],
  ['chugoku', 'Hiroshima', '広島', 'Hiroshima', '広島'],
  ['chugoku', 'Yamaguchi', '山口', 'Yamaguchi', '山口'],
  ['shikoku', 'Tokushima', '徳島', 'Tokushima', '徳島'],
  ['shikoku', 'Kagawa', '香川', 'Takamatsu', '高松'],
  ['shikoku', 'Ehime', '愛媛', 'Matsuyama', '松山'],
  ['shikoku', 'Kochi', '高知', 'Kochi', '高知'],
  ['kyushu', 'Fukuoka', '福岡', 'Fukuoka', '福岡'],
  ['kyushu', 'Saga', '佐賀', 'Saga', '佐賀'],
  ['kyushu', 'Nagasaki', '長崎', 'Nagasaki', '長崎'],
  ['kyushu', 'Kumamoto', '熊本', 'Kumamoto', '熊本'],
  ['kyushu', 'Oita', '大分', 'Oita', '大分'],
  ['kyushu', 'Miyazaki', '宮崎', 'Miyazaki', '宮崎'],
  ['kyushu', 'Kagoshima', '鹿児島', 'Kagoshima', '鹿児島'],
  ['kyushu', 'Okinawa', '沖縄', 'Naha', '那覇'],
];

/** All 47, in the order of their codes. */
export const prefectures: readonly Prefecture[] = lines.map(
  ([region, en, ja, capitalEn, capitalJa], index) => ({
    name: { en, ja },
    capital: { en: capitalEn, ja: capitalJa },
    region: regions[region],
    code: String(index + 1).padStart(2, '0'),
  }),
);

/** Rows in which a name, capital or region holds the text, in either language, or whose code it is. */
export function search(text: string): readonly Prefecture[] {
  const wanted = text.normalize('NFKC').trim().toLowerCase();
  if (wanted === '') {
    return [];
  }
  return prefectures.filter(({ name, capital, region, code }) =>
    [name, capital, region].some(
      ({ en, ja }) => en.toLowerCase().includes(wanted) || ja.includes(wanted) || code === wanted,
    ),
  );
}
