import { type PublicJwk, parsePublicKey } from '@taika/crypto/keys';
import { readContractorKey } from '@taika/protocol/dispatch/registrations';
import type { VendorContext } from '../context.ts';
import { upstreamError } from '../dispatch-client.ts';
import { findContractorKey, insertContractorKey } from './queries.ts';

/** Who the contractor is. */
export interface Contractor {
  readonly name: string;
  readonly publicKey: PublicJwk;
}

/**
 * The contractor's key as it was when it first answered; receipts by any other are not believed. An operator who knows that
 * the contractor changed its key deletes the row of the table `contractor`.
 */
export async function contractorOf(context: VendorContext, signal?: AbortSignal): Promise<Contractor> {
  const known = await findContractorKey(context.sql);
  if (known !== undefined) {
    return { name: known.name, publicKey: parsePublicKey(known.publicKey) };
  }
  const { name, publicKey } = await context.dispatch
    .call(readContractorKey, { signal })
    .catch((error: unknown) => {
      throw upstreamError(error);
    });
  const { kty, crv, x } = parsePublicKey(publicKey);
  await insertContractorKey(context.sql, { name, publicKey: { kty, crv, x }, now: context.clock.now() });
  return contractorOf(context);
}

/** The contractor's name as far as it is known; asked for, but not insisted on. */
export async function contractorName(context: VendorContext): Promise<string> {
  try {
    return (await contractorOf(context, AbortSignal.timeout(answerMsMax))).name;
  } catch (error) {
    context.log.debug({ err: error }, 'The contractor has not answered yet.');
    return '';
  }
}

/** Who asks who we are should not wait for somebody else. */
const answerMsMax = 1500;
