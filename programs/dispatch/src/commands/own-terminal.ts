import { generateKeyPair, type KeyPair } from '@taika/crypto/keys';
import type { Caller } from '@taika/http/call';
import { addOwnTerminal, type OwnTerminalText } from '@taika/protocol/dispatch/trust';
import type { TerminalId } from '@taika/protocol/schema';
import { uuidv7 } from '@taika/runtime/identifiers';
import { systemRandom } from '@taika/runtime/random';
import type { Answer } from './contractor.ts';
import { writeNewKey } from './key-files.ts';

/** Flags of `add-reference` and `add-decoy`. */
export interface OwnTerminalFlags {
  readonly name: string;
  readonly generateKey?: string;
}

/** Adds a terminal of the contractor's own and shows its private key, or writes it to a new file; nobody can show it again. */
export function addOwn(role: OwnTerminalText['role']) {
  return async (server: Caller, { json }: Answer, { name, generateKey }: OwnTerminalFlags): Promise<void> => {
    const terminalId = uuidv7(new Date(), systemRandom) as TerminalId;
    // Written before the server knows of it: a key that could not be kept would be a terminal that nobody can run.
    const keyPair: KeyPair =
      generateKey === undefined ? await generateKeyPair() : await writeNewKey(generateKey);
    const { kty, crv, x } = keyPair.publicKey;
    const terminal = await server.call(addOwnTerminal, {
      params: { terminalId },
      body: { role, name, publicKey: { kty, crv, x } },
    });
    if (json) {
      console.log(
        JSON.stringify({ terminal, ...(generateKey === undefined ? { key: keyPair.privateKey } : {}) }),
      );
      return;
    }
    console.log(`The ${role} ${terminal.name} is added as terminal ${terminal.terminalId}.`);
    console.log(
      generateKey === undefined
        ? `Its key, shown only now: ${JSON.stringify(keyPair.privateKey)}`
        : `Its key is in ${generateKey}.`,
    );
  };
}
