import type { ProductText } from '@taika/protocol/vendor/catalogue';

/** A product as its row has it. */
export interface Product {
  readonly name: string;
  readonly kind: 'application' | 'service';
  readonly title: string;
  readonly description: string;
  readonly cashCurrency: string;
  readonly cashAmountMilli: bigint;
  readonly cashPer: 'month' | 'once';
  readonly windowDays: number;
  readonly pointsMilliMin: bigint;
  readonly devicesMax: number;
}

/** A product as others see it. */
export function toProductText(product: Product): ProductText {
  return {
    product: product.name,
    kind: product.kind,
    title: product.title,
    description: product.description,
    cashPrice: {
      price: { currency: product.cashCurrency, amountMilli: String(product.cashAmountMilli) },
      per: product.cashPer,
    },
    policy: {
      windowDays: product.windowDays,
      pointsMilliMin: String(product.pointsMilliMin),
      devicesMax: product.devicesMax,
    },
  };
}
