import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeyPair, type KeyPair, keyPairOf, parsePrivateKey } from '@taika/crypto/keys';
import { replaceFile } from './file-store.ts';

/** Where the terminal's key pair is kept; another one may use the operating system's own store. */
export interface KeyStore {
  /** The key pair; makes one at the first call. */
  load(): Promise<KeyPair>;
  /** A sentence about how the key is protected, shown once when it is made. */
  readonly protection: string;
}

/** A key store that is one file. */
export interface FileKeyStore extends KeyStore {
  readonly file: string;
}

/** A key in a file that only its owner can read. */
export function createFileKeyStore(home: string): FileKeyStore {
  const file = join(home, 'terminal.key.json');
  return {
    file,
    protection: `The terminal's key lies in ${file}, readable for you alone; it is not encrypted.`,
    async load() {
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (text === undefined) {
        const pair = await generateKeyPair();
        await replaceFile(file, `${JSON.stringify(pair.privateKey)}\n`);
        return pair;
      }
      await chmod(file, 0o600);
      return keyPairOf(parsePrivateKey(JSON.parse(text)));
    },
  };
}
