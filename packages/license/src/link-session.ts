import { toBase64url } from '@taika/crypto/digest';
import type { KeyPair } from '@taika/crypto/keys';
import { signToken } from '@taika/crypto/token';
import type { AgentToApp, HelloMessage, LeaseMessage, RefusalMessage } from '@taika/protocol/local-link';
import { linkVersion } from '@taika/protocol/local-link';
import { tokenTypes } from '@taika/protocol/tokens';
import type { Clock } from '@taika/runtime/clock';
import type { Random } from '@taika/runtime/random';
import { checkGrant, isGrantAlive, type VendorKeys } from './check-grant.ts';
import { checkLease, checkWelcome, type TrustedAgent } from './check-welcome.ts';
import type { AgentConnection } from './connection.ts';
import { DistrustError } from './license-error.ts';
import type { LicenseEvent } from './license-state.ts';
import type { TrustedTime } from './trusted-time.ts';

/** The application as the agent meets it; the same for all connections of one start. */
export interface LinkParty {
  readonly app: string;
  readonly build: string;
  readonly vendorKeys: VendorKeys;
  /** The application's own key, made anew at each start, and its thumbprint. */
  readonly key: KeyPair;
  readonly keyThumbprint: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly time: TrustedTime;
  /** The counter of license-state.ts. */
  readonly elapsedMs: () => number;
  /** Greater at each call, over all connections. */
  readonly nextSeq: () => number;
  readonly emit: (event: LicenseEvent, atMs: number) => void;
}

/** An agent answers in milliseconds; one that takes longer than this is stuck. */
const answerMsMax = 5000;
/** After a no: often enough that the application is back as soon as the agent says yes. */
const askAgainMs = 1000;
/** The agent does not say when it serves again: a member who resumed it must not wait half a minute for the application. */
const askWhileDrainingMs = 3000;
/** Renewals are spread by this share, so that applications do not call at once. */
const renewSpread = 0.2;

/**
 * Says hello, checks who answers, then holds a lease until the connection ends or `renewal` is aborted. Throws a
 * DistrustError when the other side is not to be believed, a FrameError when it sends no messages.
 */
export async function holdLease(
  connection: AgentConnection,
  party: LinkParty,
  wakes: { renew: () => void },
  signal: AbortSignal,
): Promise<void> {
  const messages = connection.messages[Symbol.asyncIterator]();
  const agent = await greet(connection, messages, party, signal);
  if (agent === undefined) return;
  const stop = new AbortController();
  const session = createSession(connection, party, agent, wakes, AbortSignal.any([signal, stop.signal]));
  const renewals = session.renew();
  try {
    await Promise.race([session.listen(messages), renewals]);
  } finally {
    stop.abort();
    connection.close();
    await renewals.catch(() => {});
  }
}

/** The agent, when it was believed; undefined when it refused politely. */
async function greet(
  connection: AgentConnection,
  messages: AsyncIterator<AgentToApp>,
  party: LinkParty,
  signal: AbortSignal,
): Promise<TrustedAgent | undefined> {
  const hello: HelloMessage = {
    type: 'hello',
    v: linkVersion,
    app: party.app,
    build: party.build,
    epk: party.key.publicKey.x,
    nonce: toBase64url(party.random.bytes(32)),
  };
  connection.send(hello);
  const answer = await inTime(messages.next(), party.clock, signal);
  if (answer.done) throw new DistrustError('agent_silent', 'The agent closed the connection without a word.');
  const message = answer.value;
  if (message.type === 'refusal' || message.type === 'revoke') {
    party.emit({ kind: 'refused', cause: message.reason }, party.elapsedMs());
    return undefined;
  }
  if (message.type !== 'welcome')
    throw new DistrustError('untrusted_agent', 'The agent did not say who it is.');
  return checkWelcome(message, { hello, vendorKeys: party.vendorKeys, time: party.time });
}

interface Request {
  readonly seq: number;
  readonly nonce: string;
  readonly sentAtMs: number;
  readonly answered: PromiseWithResolvers<number>;
}

function createSession(
  connection: AgentConnection,
  party: LinkParty,
  agent: TrustedAgent,
  wakes: { renew: () => void },
  signal: AbortSignal,
) {
  let grant = agent.grant;
  let request: Request | undefined;
  let isDraining = false;

  async function ask(): Promise<Request> {
    const seq = party.nextSeq();
    const nonce = toBase64url(party.random.bytes(32));
    const claims = { seq, nonce, agentNonce: agent.nonce };
    const proof = await signToken(claims, { type: tokenTypes.acquire, key: party.key.privateKey });
    const asked = { seq, nonce, sentAtMs: party.elapsedMs(), answered: Promise.withResolvers<number>() };
    request = asked;
    connection.send({ type: 'acquire', seq, nonce, proof });
    return asked;
  }

  /** Asks for a lease and for its renewals, until stopped. */
  async function renew(): Promise<void> {
    while (!signal.aborted) {
      const { answered } = await ask();
      const answeredMs = await inTime(answered.promise, party.clock, signal);
      const waitMs = isDraining ? Math.min(answeredMs, askWhileDrainingMs) : answeredMs;
      const spread = 1 + renewSpread * (2 * party.random.fraction() - 1);
      const woken = new AbortController();
      wakes.renew = () => woken.abort();
      await sleepQuietly(party.clock, waitMs * spread, AbortSignal.any([signal, woken.signal]));
    }
  }

  /** Takes what the agent says, until the connection ends. */
  async function listen(messages: AsyncIterator<AgentToApp>): Promise<void> {
    for (;;) {
      const next = await messages.next();
      if (next.done) return;
      await take(next.value);
    }
  }

  async function take(message: AgentToApp): Promise<void> {
    const nowMs = party.elapsedMs();
    switch (message.type) {
      case 'lease':
        return takeLease(message);
      case 'refusal':
        return takeRefusal(message);
      case 'draining':
        isDraining = true;
        party.emit({ kind: 'drained', inMs: message.inMs, cause: message.reason }, nowMs);
        return wakes.renew();
      case 'revoke':
        party.emit({ kind: 'revoked', cause: message.reason }, nowMs);
        return wakes.renew(); // The renewal that was due is half a minute away, and the next yes may come any second.
      case 'welcome':
        throw new DistrustError('untrusted_agent', 'The agent introduced itself twice.');
    }
  }

  async function takeLease(message: LeaseMessage): Promise<void> {
    if (request === undefined || message.seq !== request.seq) {
      throw new DistrustError('untrusted_agent', 'The agent sent a lease that nobody asked for.');
    }
    const { seq, nonce, sentAtMs, answered } = request;
    request = undefined;
    const { terminalKey } = agent;
    const { app, time, keyThumbprint: appKey, vendorKeys } = party;
    const lease = await checkLease(message.lease, { app, appKey, nonce, seq, terminalKey, time });
    if (message.grant !== undefined) {
      grant = await checkGrant({ grant: message.grant, app, vendorKeys, terminalKey, time });
    }
    if (!isGrantAlive(grant, time.now())) {
      party.emit({ kind: 'refused', cause: 'grant_expired' }, party.elapsedMs());
      return answered.resolve(askAgainMs);
    }
    isDraining = lease.state === 'draining';
    // Counted from the request: an answer that was held back promises no more than one that came at once.
    party.emit({ kind: 'leased', validForMs: lease.validForMs, state: lease.state }, sentAtMs);
    answered.resolve(Math.max(askAgainMs, Math.min(lease.renewAfterMs, lease.validForMs / 2)));
  }

  function takeRefusal({ reason, seq }: RefusalMessage): void {
    if (seq !== undefined && seq !== request?.seq) return;
    // These are about the connection, not about the license: a new connection mends them.
    if (reason === 'bad_frame' || reason === 'bad_proof' || reason === 'stale_seq') {
      throw new DistrustError('agent_silent', `The agent refused our message: ${reason}.`);
    }
    party.emit({ kind: 'refused', cause: reason }, party.elapsedMs());
    request?.answered.resolve(askAgainMs);
    request = undefined;
  }

  return { renew, listen };
}

async function inTime<T>(answer: Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  const done = new AbortController();
  const timeout = clock.sleep(answerMsMax, AbortSignal.any([signal, done.signal])).then(
    () => {
      throw new DistrustError('agent_silent', 'The agent does not answer.');
    },
    (reason) => {
      throw reason;
    },
  );
  timeout.catch(() => {});
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    done.abort();
  }
}

async function sleepQuietly(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
