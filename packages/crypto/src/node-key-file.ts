import { readFile } from 'node:fs/promises';
import type { Random } from '@taika/runtime/random';
import { replaceFile } from '@taika/runtime/replace-file';
import { createApiKey, parseApiKey } from './api-key.ts';

/** The key in a file; where there is none yet, one is made for `prefix` (mode 0600). Throws when the file holds something else. Node only. */
export async function ensureApiKeyFile(file: string, prefix: string, random: Random): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  });
  if (text !== undefined) {
    return keyIn(text, file, prefix);
  }
  const { key } = await createApiKey(prefix, random);
  await replaceFile(file, `${key}\n`);
  return key;
}

function keyIn(text: string, file: string, prefix: string): string {
  const parsed = parseApiKey(text);
  if (parsed.kind !== 'key' || parsed.prefix !== prefix) {
    throw new Error(
      `The file ${file} does not hold the key of an ${prefix}. Delete it to have a new one made.`,
    );
  }
  return parsed.key;
}
