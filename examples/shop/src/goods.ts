import type { Texts } from '@taika/example-service-kit/language';

/** Something that the shop sells. */
export interface Good {
  readonly id: string;
  readonly sign: string;
  readonly name: Texts;
  readonly about: Texts;
  readonly priceYen: number;
}

/** The shelf. Prices in whole yen, tax included. */
export const goods: readonly Good[] = [
  {
    id: 'sencha',
    sign: '🍵',
    name: { en: 'Sencha, first flush', ja: '一番茶の煎茶' },
    about: { en: '100 g of green tea from the hills of Shizuoka.', ja: '静岡の山あいの茶葉、100 g。' },
    priceYen: 1200,
  },
  {
    id: 'honey',
    sign: '🍯',
    name: { en: 'Forest honey', ja: '森のはちみつ' },
    about: { en: 'Dark and strong, a jar of 250 g.', ja: '色濃く力強い味。250 g 瓶入り。' },
    priceYen: 980,
  },
  {
    id: 'notebook',
    sign: '📓',
    name: { en: 'Bound notebook', ja: '糸綴じノート' },
    about: { en: 'A5, dotted, lies flat on any page.', ja: 'A5 判、ドット方眼。どのページでも平らに開く。' },
    priceYen: 640,
  },
  {
    id: 'pencil',
    sign: '✏️',
    name: { en: 'Six pencils', ja: '鉛筆六本組' },
    about: { en: 'Cedar, 2B, unpainted.', ja: '杉の無塗装、2B。' },
    priceYen: 480,
  },
  {
    id: 'soap',
    sign: '🧼',
    name: { en: 'Yuzu soap', ja: 'ゆずの石けん' },
    about: { en: 'Made in small batches, no colouring.', ja: '少量ずつ手作り、着色なし。' },
    priceYen: 350,
  },
  {
    id: 'towel',
    sign: '🧣',
    name: { en: 'Cotton hand towel', ja: '綿の手ぬぐい' },
    about: { en: 'Dyed with indigo, dries by noon.', ja: '藍染め。昼には乾く。' },
    priceYen: 870,
  },
  {
    id: 'candle',
    sign: '🕯️',
    name: { en: 'Beeswax candle', ja: '蜜ろうのろうそく' },
    about: { en: 'Burns for fifteen hours.', ja: '十五時間燃えつづける。' },
    priceYen: 760,
  },
  {
    id: 'seeds',
    sign: '🌱',
    name: { en: 'Kitchen herb seeds', ja: '台所ハーブの種' },
    about: {
      en: 'Shiso, mitsuba and chives for a window sill.',
      ja: 'しそ、三つ葉、あさつき。窓辺でどうぞ。',
    },
    priceYen: 300,
  },
];

/** A good by its id. */
export function findGood(id: string | null): Good | undefined {
  return goods.find((good) => good.id === id);
}
