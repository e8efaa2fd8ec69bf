import { callerOf } from '@taika/http/access';
import { ApiError } from '@taika/http/api-error';
import { COIN, moneyScale } from '@taika/ledger/money';
import {
  closeUsagePeriod,
  recordUsage as recordUsageRoute,
  setUsagePrice,
} from '@taika/protocol/vendor/services';
import type { VendorRouter } from '../access/router.ts';
import { readProduct } from '../catalogue/offer-product.ts';
import type { VendorContext } from '../context.ts';
import { toOrderText } from '../orders/order-text.ts';
import { readPointsCurrency } from '../services/read-points.ts';
import { closePeriod } from './close-period.ts';
import { upsertUsagePrice } from './queries.ts';
import { recordUsage } from './record-usage.ts';

/** Counting use and billing it by period (801 to 804). */
export function registerUsageRoutes(declare: VendorRouter, context: VendorContext): void {
  declare(setUsagePrice, async ({ params: { product }, body: { price, description } }) => {
    const { kind } = await readProduct(context, product);
    const amountMilli = BigInt(price.amountMilli);
    moneyScale(price.currency);
    if (kind !== 'service') {
      throw new ApiError('wrong-state', `"${product}" is an application; only a service counts its use.`);
    }
    if (amountMilli < 0n || amountMilli % COIN !== 0n) {
      throw new ApiError('bad-request', 'The price of one use must be whole coins of its currency.');
    }
    const { currency } = price;
    await checkCurrency(context, currency);
    const row = { product, currency, amountMilli, description, now: context.clock.now() };
    if (!(await upsertUsagePrice(context.sql, row))) {
      throw new ApiError(
        'conflict',
        'The price of one use stays in its currency; offer another service for another.',
      );
    }
    return { product, price, description };
  });

  declare(recordUsageRoute, ({ params, body, caller }) =>
    recordUsage(context, callerOf('service', caller), params.usageId, body),
  );

  declare(closeUsagePeriod, async ({ params: { product, period } }) => {
    await readProduct(context, product);
    return { bills: (await closePeriod(context, product, period)).map(toOrderText) };
  });
}

/** Points are taken off every bill, so it is in their currency. While the contractor is away nobody can say, and a bill looks again. */
async function checkCurrency(context: VendorContext, currency: string): Promise<void> {
  const ofPoints = await readPointsCurrency(context).catch((error: unknown) => {
    if (error instanceof ApiError) {
      return currency;
    }
    throw error;
  });
  if (currency !== ofPoints) {
    throw new ApiError(
      'bad-request',
      `Points are worth ${ofPoints}, and bills take them off: set the price of one use in ${ofPoints}, not ${currency}.`,
    );
  }
}
