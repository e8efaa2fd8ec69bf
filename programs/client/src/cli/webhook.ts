import { CommandError } from '@taika/cli/command-error';
import { connect } from './connect.ts';

/** `taika webhook [URL]`: sets, shows or removes where the customer is told that a job has ended. */
export async function webhook(
  url: string | undefined,
  options: { readonly remove: boolean; readonly json: boolean },
): Promise<void> {
  const grid = await connect();
  if (options.remove) {
    await grid.removeWebhook();
    console.log(options.json ? JSON.stringify({ removed: true }) : 'You are told no more.');
    return;
  }
  const told = url === undefined ? await grid.webhook().catch(refuseUnset) : await grid.setWebhook(url);
  if (options.json) {
    console.log(JSON.stringify(told));
    return;
  }
  console.log(`Ended jobs are told to ${told.url}\nSecret: ${told.secret}`);
  if (told.last !== undefined) {
    const { outcome, attempts } = told.last;
    console.log(`Newest message: ${outcome} at attempt ${attempts}.`);
  }
}

/** There is one webhook a customer, so there is no identifier that could be wrong. */
export function refuseUnset(error: unknown): never {
  if (!(error instanceof Error && 'code' in error && error.code === 'not-found')) throw error;
  throw new CommandError('No webhook is set.', {
    code: 'not-found',
    remedy: 'Set one: taika webhook URL',
    cause: error,
  });
}
