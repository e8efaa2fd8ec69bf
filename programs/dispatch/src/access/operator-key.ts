import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiKeyHash, createApiKey, parseApiKey } from '@taika/crypto/api-key';
import type { Sql } from '@taika/database/connect';
import type { Logger } from '@taika/runtime/logger';
import type { Random } from '@taika/runtime/random';
import { readSecret } from './queries.ts';
import { keepSecret } from './secrets.ts';

/** Where a first start leaves the operator's key. */
export function operatorKeyFile(dataDirectory: string): string {
  return join(dataDirectory, 'operator.key');
}

/**
 * Makes sure that there is an operator's key: the first start writes one to DATA/operator.key (mode 0600) and its hash to
 * the database. Gives the hash that counts. A file from before the database was emptied is taken again.
 */
export async function ensureOperatorKey(options: {
  readonly sql: Sql;
  readonly dataDirectory: string;
  readonly now: Date;
  readonly random: Random;
  readonly log: Logger;
}): Promise<string> {
  const { sql, dataDirectory, now, random, log } = options;
  const known = await readSecret(sql, secretName);
  if (known !== undefined) {
    return Buffer.from(known).toString('hex');
  }
  const file = operatorKeyFile(dataDirectory);
  const key = (await readKeyFile(file)) ?? (await writeKeyFile(file, random));
  const hash = await apiKeyHash(key);
  // Another replica may have been first: then its key counts, and this file is of no use.
  const kept = Buffer.from(await keepSecret(sql, secretName, Buffer.from(hash, 'hex'), now)).toString('hex');
  if (kept === hash) {
    log.info({ file }, 'The operator key is in this file; keep it safe.');
  } else {
    log.warn({ file }, 'Another replica made the operator key first; the key in this file is not accepted.');
  }
  return kept;
}

const secretName = 'operator-key-hash';

async function readKeyFile(file: string): Promise<string | undefined> {
  try {
    const parsed = parseApiKey(await readFile(file, 'utf8'));
    return parsed.kind === 'key' && parsed.prefix === 'operator' ? parsed.key : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

async function writeKeyFile(file: string, random: Random): Promise<string> {
  const { key } = await createApiKey('operator', random);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  return key;
}
