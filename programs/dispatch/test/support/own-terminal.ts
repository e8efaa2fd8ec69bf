import { generateKeyPair, thumbprint } from '@taika/crypto/keys';
import { addOwnTerminal, type OwnTerminalText } from '@taika/protocol/dispatch/trust';
import type { TerminalId } from '@taika/protocol/schema';
import { createWorker, type TestWorker } from './grid.ts';
import { bearer, newId, openSession } from './parties.ts';

/** Adds a reference executor or a decoy and opens its session: it computes by a function of the test's, like any test worker. */
export async function addOwnWorker(
  { url, operatorKey }: { readonly url: string; readonly operatorKey: string },
  role: OwnTerminalText['role'],
): Promise<TestWorker> {
  const keyPair = await generateKeyPair();
  const { kty, crv, x } = keyPair.publicKey;
  const terminalId = newId<TerminalId>();
  await bearer(url, operatorKey).call(addOwnTerminal, {
    params: { terminalId },
    body: { role, name: role, publicKey: { kty, crv, x } },
  });
  const session = await openSession(url, { keyPair, thumbprint: await thumbprint(keyPair.publicKey) });
  return createWorker(bearer(url, session), terminalId, session);
}
