import type { Language } from '@taika/example-service-kit/language';
import type { OrderText } from '@taika/protocol/vendor/services';
import { findGood, type Good } from './goods.ts';

/** What a visitor wants: how many of each good. */
export type Basket = Map<string, number>;

/** Nobody buys more of one good at once. */
export const quantityMax = 20;

/** Adds to a basket, or takes from it with a number below zero. */
export function change(basket: Basket, good: Good, by: number): void {
  const quantity = Math.min(quantityMax, (basket.get(good.id) ?? 0) + by);
  if (quantity > 0) {
    basket.set(good.id, quantity);
  } else {
    basket.delete(good.id);
  }
}

/** A basket's goods with their number. */
export function contents(basket: Basket): readonly { readonly good: Good; readonly quantity: number }[] {
  return [...basket].flatMap(([id, quantity]) => {
    const good = findGood(id);
    return good === undefined ? [] : [{ good, quantity }];
  });
}

/** The lines of an order, as the vendor server wants them. */
export function toLines(basket: Basket, language: Language): OrderText['lines'] {
  return contents(basket).map(({ good, quantity }) => ({
    description: good.name[language],
    quantity,
    unitPrice: { currency: 'JPY', amountMilli: yenAsMilli(good.priceYen) },
  }));
}

/** What a basket comes to, in thousandths of a yen. */
export function totalMilli(basket: Basket): bigint {
  return contents(basket).reduce(
    (sum, { good, quantity }) => sum + BigInt(yenAsMilli(good.priceYen)) * BigInt(quantity),
    0n,
  );
}

/** Money travels in thousandths of the smallest coin. */
export function yenAsMilli(yen: number): string {
  return String(BigInt(yen) * 1000n);
}
