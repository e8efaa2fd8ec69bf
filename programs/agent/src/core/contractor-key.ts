import { type PublicJwk, parsePublicKey } from '@taika/crypto/keys';
import { createCaller } from '@taika/http/call';
import { readContractorKey } from '@taika/protocol/dispatch/registrations';
import type { Host } from './host.ts';
import { recordNames } from './records.ts';

/** The contractor's key as it was at the first contact: another one later is not believed. */
export function contractorKeyOf(host: Host, dispatchUrl: string): () => Promise<PublicJwk> {
  return async () => {
    const known = await host.store.read<PublicJwk>(recordNames.contractorKey);
    if (known !== undefined) return parsePublicKey(known);
    const { clock, random, fetch } = host;
    const { publicKey } = await createCaller({ baseUrl: dispatchUrl, clock, random, fetch }).call(
      readContractorKey,
    );
    const key = parsePublicKey(publicKey);
    await host.store.update<PublicJwk>(recordNames.contractorKey, () => key);
    return key;
  };
}
