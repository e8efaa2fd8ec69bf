import { ApiError } from '@taika/http/api-error';
import { moneyScale } from '@taika/ledger/money';
import type { BodyOf } from '@taika/protocol/route';
import type { ProductText, putProduct } from '@taika/protocol/vendor/catalogue';
import type { VendorContext } from '../context.ts';
import { type Product, toProductText } from './product.ts';
import { findProduct, upsertProduct } from './queries.ts';

/** Offers a product, or changes it; its kind stays what it was, because registrations were made for that. */
export async function offerProduct(
  { sql, clock }: VendorContext,
  name: string,
  body: BodyOf<typeof putProduct>,
): Promise<ProductText> {
  const product: Product = {
    name,
    kind: body.kind,
    title: body.title,
    description: body.description,
    cashCurrency: body.cashPrice.price.currency,
    cashAmountMilli: BigInt(body.cashPrice.price.amountMilli),
    cashPer: body.cashPrice.per,
    windowDays: body.policy.windowDays,
    pointsMilliMin: wholeNumber(body.policy.pointsMilliMin, 'policy.pointsMilliMin'),
    devicesMax: body.policy.devicesMax,
  };
  moneyScale(product.cashCurrency);
  if (product.cashAmountMilli < 0n) {
    throw new ApiError('bad-request', 'The cash price must not be below zero.');
  }
  if (!(await upsertProduct(sql, product, clock.now()))) {
    throw new ApiError('conflict', `The product "${name}" is of another kind; offer a new one.`);
  }
  return toProductText(product);
}

/** The product, or `not-found`. */
export async function readProduct({ sql }: Pick<VendorContext, 'sql'>, name: string): Promise<Product> {
  const product = await findProduct(sql, name);
  if (product === undefined) {
    throw new ApiError('not-found', `This vendor has no product "${name}".`);
  }
  return product;
}

function wholeNumber(text: string, field: string): bigint {
  if (!/^\d{1,18}$/.test(text)) {
    throw new ApiError('bad-request', `The field "${field}" must be a whole number as text.`);
  }
  return BigInt(text);
}
