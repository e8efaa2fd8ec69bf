import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Caller, createCaller } from '@taika/http/call';
import { defaultHome, type Profile, profileFileName } from '@taika/protocol/profile';
import { systemClock } from '@taika/runtime/clock';
import { systemRandom } from '@taika/runtime/random';
import { UsageError } from './run-command.ts';

/** Flags that every command of the operator has. */
export interface OperatorFlags {
  readonly vendor?: string;
  readonly operatorKeyFile?: string;
  readonly json?: boolean;
}

/** Calls a vendor server as its operator: address and key by flags, else from the profile that `taika up` and `taika vendor serve` leave. */
export async function operatorCaller(flags: OperatorFlags): Promise<Caller> {
  const profile = await readProfile();
  const baseUrl = flags.vendor ?? profile.vendorUrl;
  const keyFile = flags.operatorKeyFile ?? profile.vendorOperatorKeyFile;
  if (baseUrl === undefined) {
    throw new UsageError(
      'Which vendor server? Give --vendor URL, or set TAIKA_HOME to where `taika up` runs.',
    );
  }
  const key = keyFile === undefined ? undefined : (await readText(keyFile)).trim();
  return createCaller({
    baseUrl,
    authorize: () => (key === undefined ? {} : { authorization: `Bearer ${key}` }),
    clock: systemClock,
    random: systemRandom,
    attemptsMax: 2,
    userAgent: 'taika-vendor-operator',
  });
}

async function readProfile(): Promise<Profile> {
  const file = join(process.env.TAIKA_HOME ?? defaultHome, profileFileName);
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Profile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return {};
    }
    throw new UsageError(`The profile ${file} cannot be read: ${(error as Error).message}`);
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`The operator's key file ${file} cannot be read: ${(error as Error).message}`);
  }
}
