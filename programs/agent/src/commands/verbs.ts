import { say } from '@taika/cli/say';
import { AgentError } from '../core/agent-error.ts';
import { tellConsents, withdrawConsents } from '../core/consent.ts';
import { createDispatchCalls } from '../core/dispatch-calls.ts';
import { forgetEverything } from '../core/forget.ts';
import { type PauseRecord, readRegistrations, recordNames } from '../core/records.ts';
import { askAgent } from '../node/control.ts';
import { createNodeHost } from '../node/node-host.ts';
import { pauseUntil } from './pause-until.ts';

/** `taika agent pause`: until then, or until the member says otherwise; kept for the next start where the agent does not run. */
export async function runPause(home: string, length: string | undefined): Promise<void> {
  const untilMs = pauseUntil(length, new Date());
  const pause: PauseRecord = untilMs === undefined ? {} : { untilMs };
  const isRunning = (await askAgent(home, { verb: 'pause', ...pause })) !== undefined;
  if (!isRunning)
    await (await createNodeHost(home)).store.update<PauseRecord>(recordNames.pause, () => pause);
  const end =
    untilMs === undefined ? 'until `taika agent resume`' : `until ${new Date(untilMs).toLocaleString()}`;
  say(isRunning ? `Paused ${end}.` : `The agent is not running; its next start is paused ${end}.`);
  if (untilMs === undefined) say('Without an end this switches computing off: licenses rest meanwhile.');
}

/** `taika agent resume`. */
export async function runResume(home: string): Promise<void> {
  const isRunning = (await askAgent(home, { verb: 'resume' })) !== undefined;
  if (!isRunning)
    await (await createNodeHost(home)).store.update<PauseRecord>(recordNames.pause, () => undefined);
  say(
    isRunning
      ? 'Computing again.'
      : 'The agent is not running; its next start computes. Start it with `taika agent run`.',
  );
}

/** `taika agent finish`: what is held is computed, nothing new is asked for. */
export async function runFinish(home: string, thenStop: boolean): Promise<void> {
  const next = thenStop ? 'stopped' : 'paused';
  if ((await askAgent(home, { verb: 'finish', next })) === undefined) return say('The agent is not running.');
  say(thenStop ? 'The agent ends what it holds, then stops.' : 'The agent ends what it holds, then pauses.');
}

/** `taika agent stop`: what is finished is reported, the rest goes back. */
export async function runStop(home: string): Promise<void> {
  say(
    (await askAgent(home, { verb: 'stop' })) === undefined ? 'The agent is not running.' : 'The agent stops.',
  );
}

/** `taika agent withdraw`: computing ends at once, with or without a network. */
export async function runWithdraw(home: string): Promise<void> {
  if ((await askAgent(home, { verb: 'withdraw' })) !== undefined) {
    return say('The consent is withdrawn; computing has ended and the work data is deleted.');
  }
  const host = await createNodeHost(home);
  const [first] = await readRegistrations(host.store);
  const count = await withdrawConsents(host);
  if (count === 0 || first === undefined) return say('There is no consent to withdraw.');
  say('The consent is withdrawn and the work data is deleted.');
  try {
    await tellConsents(host, createDispatchCalls(host, first.dispatchUrl));
  } catch (error) {
    throw new AgentError(
      'untold',
      `The contractor could not be told yet: ${(error as Error).message}`,
      'Nothing is computed meanwhile. Run the command again when the network is back.',
    );
  }
}

/** `taika agent forget`: ends the registrations and deletes everything of the agent. */
export async function runForget(home: string): Promise<void> {
  if ((await askAgent(home, { verb: 'forget' })) === undefined)
    await forgetEverything(await createNodeHost(home));
  say(`The registrations are ended and everything in ${home} is deleted.`);
}
