import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { defaultHome, type Profile, profileFileName } from '@taika/protocol/profile';
import { replaceFile } from '@taika/runtime/replace-file';
import { CommandError } from './command-error.ts';

/** The folder that `TAIKA_HOME` names, or `.taika` here. */
export function homeDirectory(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  return resolve(environment.TAIKA_HOME ?? defaultHome);
}

/** The profile in `home`; an empty one where there is none yet. Throws `CommandError` when it is damaged. */
export async function readProfile(home: string = homeDirectory()): Promise<Profile> {
  const path = join(home, profileFileName);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  try {
    return JSON.parse(text) as Profile;
  } catch (cause) {
    throw new CommandError(`${path} is not valid JSON.`, {
      code: 'profile',
      remedy: 'Mend or delete the file, and log in again.',
      cause,
    });
  }
}

/** Changes the profile atomically; only its owner may read it, because it holds keys. */
export async function updateProfile(home: string, change: (profile: Profile) => Profile): Promise<void> {
  const next = change(await readProfile(home));
  await replaceFile(join(home, profileFileName), `${JSON.stringify(next, null, 2)}\n`);
}

/** A field of the profile that a command cannot do without. */
export function required<Key extends keyof Profile>(
  profile: Profile,
  key: Key,
  remedy: string,
): NonNullable<Profile[Key]> {
  const value = profile[key];
  if (value !== undefined && value !== null) return value;
  throw new CommandError(`No ${key} is known here.`, { code: 'profile', remedy });
}
