import type { VendorId } from '@taika/protocol/schema';
import { listProducts, putProduct, readVendorAbout } from '@taika/protocol/vendor/catalogue';
import type { VendorRouter } from '../access/router.ts';
import type { VendorContext } from '../context.ts';
import { contractorName } from '../licenses/contractor-key.ts';
import { version } from '../version.ts';
import { offerProduct } from './offer-product.ts';
import { toProductText } from './product.ts';
import { listProductRows } from './queries.ts';

/** What the vendor is and offers. */
export function registerCatalogueRoutes(declare: VendorRouter, context: VendorContext): void {
  declare(readVendorAbout, async () => {
    const { kty, crv, x } = context.identity.key.publicKey;
    return {
      vendorId: context.identity.vendorId as VendorId,
      name: context.name,
      publicKey: { kty, crv, x },
      dispatchUrl: context.dispatchUrl,
      contractorName: await contractorName(context),
      version,
    };
  });

  declare(listProducts, async () => ({ items: (await listProductRows(context.sql)).map(toProductText) }));

  declare(putProduct, ({ params, body }) => offerProduct(context, params.product, body));
}
