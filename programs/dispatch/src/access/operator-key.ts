import { join } from 'node:path';
import { apiKeyHash } from '@taika/crypto/api-key';
import { ensureApiKeyFile } from '@taika/crypto/node-key-file';
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
  const key = await ensureApiKeyFile(file, 'operator', random);
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
