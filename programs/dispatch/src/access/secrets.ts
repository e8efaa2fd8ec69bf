import { generateKeyPair, type KeyPair, keyPairOf, parsePrivateKey } from '@taika/crypto/keys';
import type { Sql } from '@taika/database/connect';
import type { Random } from '@taika/runtime/random';
import type { Secrets } from '../context.ts';
import { insertSecret, readSecret } from './queries.ts';

/** What the replicas of one contractor share. */
export interface SharedSecrets {
  readonly secrets: Secrets;
  readonly key: KeyPair;
}

/** Reads the secrets from the database; the first replica ever to start makes them. */
export async function loadSecrets(
  sql: Sql,
  { now, random }: { readonly now: Date; readonly random: Random },
): Promise<SharedSecrets> {
  const fresh = await generateKeyPair();
  const key = await keepSecret(sql, 'contractor-key', Buffer.from(JSON.stringify(fresh.privateKey)), now);
  return {
    secrets: {
      session: await keepSecret(sql, 'session', random.bytes(32), now),
      signedUrl: await keepSecret(sql, 'signed-url', random.bytes(32), now),
      trust: await keepSecret(sql, 'trust', random.bytes(32), now),
    },
    key: keyPairOf(parsePrivateKey(JSON.parse(Buffer.from(key).toString('utf8')))),
  };
}

/** Stores a secret unless there is one under this name, and gives the one that is stored. */
export async function keepSecret(sql: Sql, name: string, value: Uint8Array, now: Date): Promise<Uint8Array> {
  await insertSecret(sql, { name, value, now });
  const kept = await readSecret(sql, name);
  if (kept === undefined) {
    throw new Error(`The secret "${name}" was stored and is not there.`);
  }
  return kept;
}
