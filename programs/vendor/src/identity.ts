import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBase64url, toBase64url } from '@taika/crypto/digest';
import { generateKeyPair, type KeyPair, keyPairOf, parsePrivateKey } from '@taika/crypto/keys';
import { isUuid, uuidv7 } from '@taika/runtime/identifiers';
import type { Random } from '@taika/runtime/random';
import { replaceFile } from '@taika/runtime/replace-file';

/** Who this vendor is: its id, the key that signs grants, releases and requests, and the secret of its license keys. */
export interface Identity {
  readonly vendorId: string;
  readonly key: KeyPair;
  /** Under this the HMACs of license keys are made. With it and the database lost, every member needs a new key. */
  readonly licenseKeySecret: Uint8Array;
}

/** Where the identity is kept. Replicas are given a copy of this file. */
export function identityFile(dataDirectory: string): string {
  return join(dataDirectory, 'vendor.identity.json');
}

/** Reads the identity; the first start makes it (mode 0600). Throws when the file is there and is no identity. */
export async function ensureIdentity(
  dataDirectory: string,
  { now, random }: { readonly now: Date; readonly random: Random },
): Promise<Identity> {
  const file = identityFile(dataDirectory);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  });
  return text === undefined ? makeIdentity(file, { now, random }) : parseIdentity(text, file);
}

async function makeIdentity(
  file: string,
  { now, random }: { readonly now: Date; readonly random: Random },
): Promise<Identity> {
  const identity = {
    vendorId: uuidv7(now, random),
    key: await generateKeyPair(),
    licenseKeySecret: random.bytes(32),
  };
  const stored = {
    vendorId: identity.vendorId,
    privateKey: identity.key.privateKey,
    licenseKeySecret: toBase64url(identity.licenseKeySecret),
  };
  await replaceFile(file, `${JSON.stringify(stored, undefined, 2)}\n`);
  return identity;
}

function parseIdentity(text: string, file: string): Identity {
  try {
    const stored = JSON.parse(text) as Record<string, unknown>;
    if (typeof stored.vendorId !== 'string' || !isUuid(stored.vendorId)) {
      throw new Error('vendorId is missing');
    }
    return {
      vendorId: stored.vendorId,
      key: keyPairOf(parsePrivateKey(stored.privateKey)),
      licenseKeySecret: fromBase64url(String(stored.licenseKeySecret)),
    };
  } catch (error) {
    throw new Error(`The file ${file} is not a vendor's identity. Restore it from a copy.`, { cause: error });
  }
}
