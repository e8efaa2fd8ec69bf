import { createInterface } from 'node:readline/promises';
import { CommandError } from '@taika/cli/command-error';
import { homeDirectory, readProfile, required, updateProfile } from '@taika/cli/profile-file';
import { connectGrid } from '../sdk/grid.ts';

export interface LoginOptions {
  /** Default: the profile's. */
  readonly url?: string;
  readonly key?: string;
  readonly json: boolean;
}

/** Checks a customer's key against the server and stores both. Without `--key` the key is read from standard input, so that it stays out of the shell's history. */
export async function login(options: LoginOptions): Promise<void> {
  const dispatchUrl =
    options.url ?? required(await readProfile(), 'dispatchUrl', 'Name the server with --url.');
  const customerKey = options.key ?? (await askForKey());
  const customer = await connectGrid({ dispatchUrl, customerKey }).customer();
  const home = homeDirectory();
  await updateProfile(home, (profile) => ({ ...profile, dispatchUrl, customerKey }));
  if (options.json) console.log(JSON.stringify({ customer, home }));
  else console.log(`Logged in as ${customer.name}. The key is stored in ${home}.\nNext: taika run job.yaml`);
}

async function askForKey(): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const key = (await lines.question('Customer key: ')).trim();
    if (key !== '') return key;
  } finally {
    lines.close();
  }
  throw new CommandError('No key was given.', {
    code: 'unauthenticated',
    remedy: 'Paste the key that `taika contractor add-customer` printed.',
  });
}
