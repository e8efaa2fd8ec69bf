import {
  connectOperator,
  dispatchServer,
  type OperatorFlags,
  vendorServer,
} from '@taika/cli/operator-caller';
import { readProfile } from '@taika/cli/profile-file';
import { misused } from '@taika/cli/read-amounts';
import type { Caller } from '@taika/http/call';

/** Flags of every `taika books` command. */
export interface BookFlags extends OperatorFlags {
  /** Whose books: `dispatch` or `vendor`. */
  readonly at?: string;
}

/** Whose books, and who asks for them. */
export interface BooksCaller {
  readonly at: 'dispatch' | 'vendor';
  readonly caller: Caller;
}

/** Walking a chain of 10^6 commands takes minutes, and so does what begins with it. */
const timeoutMs = 3_600_000;

/** Calls the server whose operator the profile knows: the contractor's where it knows both, else as `--at` says. */
export async function connectBooks(flags: BookFlags): Promise<BooksCaller> {
  const at = await whose(flags);
  const server = at === 'dispatch' ? dispatchServer : vendorServer;
  return { at, caller: await connectOperator(server, flags, { timeoutMs }) };
}

async function whose({ at }: BookFlags): Promise<'dispatch' | 'vendor'> {
  if (at === undefined) {
    const { operatorKeyFile, vendorOperatorKeyFile } = await readProfile();
    return operatorKeyFile === undefined && vendorOperatorKeyFile !== undefined ? 'vendor' : 'dispatch';
  }
  if (at === 'dispatch' || at === 'vendor') {
    return at;
  }
  throw misused(`--at is "${at}".`, 'Give dispatch or vendor.');
}
