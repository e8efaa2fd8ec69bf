import { writeFile } from 'node:fs/promises';
import { misused } from '@taika/cli/read-amounts';
import { generateKeyPair, type KeyPair } from '@taika/crypto/keys';

/** Makes a key pair and writes the private key to a new file (0600). */
export async function writeNewKey(file: string): Promise<KeyPair> {
  const keyPair = await generateKeyPair();
  await writeFile(file, `${JSON.stringify(keyPair.privateKey, null, 2)}\n`, {
    mode: 0o600,
    flag: 'wx',
  }).catch((error) => {
    throw error.code === 'EEXIST'
      ? misused(`${file} is there already.`, 'Name a new file for the key.')
      : error;
  });
  return keyPair;
}
