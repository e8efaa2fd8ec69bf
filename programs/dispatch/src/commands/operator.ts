import { readFile } from 'node:fs/promises';
import { readProfile, required } from '@taika/cli/profile-file';
import { type Caller, createCaller } from '@taika/http/call';
import { systemClock } from '@taika/runtime/clock';
import { systemRandom } from '@taika/runtime/random';

/** Where the server and its operator's key are; the profile says what is not given. */
export interface OperatorFlags {
  readonly url?: string | undefined;
  readonly operatorKeyFile?: string | undefined;
}

const remedy =
  'Set TAIKA_HOME to the folder of a running `taika up`, or name --url and --operator-key-file (DATA/operator.key).';

/** Calls the dispatch server as its operator. Throws `CommandError` with what to do where the server or key is not known. */
export async function connectOperator(flags: OperatorFlags): Promise<Caller> {
  const profile = { ...(await readProfile()), ...withoutUndefined(flags) };
  const baseUrl = flags.url ?? required(profile, 'dispatchUrl', remedy);
  const key = (await readFile(required(profile, 'operatorKeyFile', remedy), 'utf8')).trim();
  return createCaller({
    baseUrl,
    authorize: () => ({ authorization: `Bearer ${key}` }),
    clock: systemClock,
    random: systemRandom,
  });
}

function withoutUndefined(flags: OperatorFlags) {
  return flags.operatorKeyFile === undefined ? {} : { operatorKeyFile: flags.operatorKeyFile };
}
