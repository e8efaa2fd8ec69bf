import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiKeyHash, createApiKey, parseApiKey } from '@taika/crypto/api-key';
import type { Random } from '@taika/runtime/random';

/** Where a first start leaves the operator's key. */
export function operatorKeyFile(dataDirectory: string): string {
  return join(dataDirectory, 'vendor-operator.key');
}

/** The hash of the operator's key; the first start makes the key (mode 0600). Replacing the file and restarting replaces the key. */
export async function ensureOperatorKey(dataDirectory: string, random: Random): Promise<string> {
  const file = operatorKeyFile(dataDirectory);
  return apiKeyHash((await readKey(file)) ?? (await writeKey(file, random)));
}

async function readKey(file: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  const parsed = parseApiKey(text);
  if (parsed.kind !== 'key' || parsed.prefix !== 'operator') {
    throw new Error(`The file ${file} does not hold an operator's key. Delete it to have a new one made.`);
  }
  return parsed.key;
}

async function writeKey(file: string, random: Random): Promise<string> {
  const { key } = await createApiKey('operator', random);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `${key}\n`, { mode: 0o600, flush: true });
  return key;
}
