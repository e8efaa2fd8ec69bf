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
  const told = url === undefined ? await grid.webhook() : await grid.setWebhook(url);
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
