import { readContractorKey } from '@taika/protocol/dispatch/registrations';
import type { DispatchRouter } from '../access/router.ts';
import type { DispatchContext } from '../context.ts';

/** Who the contractor is. Vendors and agents keep the key from here and verify receipts and artefacts by it. */
export function registerContractorRoutes(
  route: DispatchRouter,
  { contractor, clock }: DispatchContext,
  version: string,
): void {
  const { kty, crv, x } = contractor.key.publicKey;
  route(readContractorKey, () => ({
    name: contractor.name,
    publicKey: { kty, crv, x },
    version,
    serverTime: clock.now(),
  }));
}
