import { thumbprint } from '@taika/crypto/keys';
import { signToken } from '@taika/crypto/token';
import { type Caller, createCaller, RemoteError } from '@taika/http/call';
import { openTerminalSession, requestChallenge } from '@taika/protocol/dispatch/registrations';
import { tokenTypes } from '@taika/protocol/tokens';
import type { Host } from './host.ts';

/** Calls of the dispatch server as this terminal, under a session that is opened when one is needed. */
export interface DispatchCalls {
  /** Runs a step with a caller whose session is good; a session that is over is opened anew, once. */
  asTerminal<T>(step: (caller: Caller) => Promise<T>, signal?: AbortSignal): Promise<T>;
}

/** Refusals that a new session mends. */
const sessionCodes: ReadonlySet<string> = new Set(['session-expired', 'unauthenticated', 'bad-key']);
/** A session is renewed before its end by this share of its life. */
const sessionSafety = 0.8;

export function createDispatchCalls(host: Host, dispatchUrl: string): DispatchCalls {
  const { clock, random, fetch, terminal } = host;
  const shared = {
    baseUrl: dispatchUrl,
    clock,
    random,
    fetch,
    userAgent: `taika-agent/${host.agentVersion}`,
  };
  const open = createCaller({ ...shared, attemptsMax: 2 });
  let session: { readonly token: string; readonly endsAtMs: number } | undefined;
  // Repetitions are the compute loop's: it must say in the request that it repeats.
  const asTerminal = createCaller({
    ...shared,
    attemptsMax: 1,
    authorize: () => ({ authorization: `Bearer ${session?.token ?? ''}` }),
  });

  async function renew(signal: AbortSignal | undefined): Promise<void> {
    const sub = await thumbprint(terminal.publicKey);
    const { challenge } = await open.call(requestChallenge, { body: { terminalKeyThumbprint: sub }, signal });
    const claims = { sub, challenge, iat: Math.floor(clock.now().getTime() / 1000) };
    const answer = await signToken(claims, { type: tokenTypes.challengeAnswer, key: terminal.privateKey });
    const opened = await open.call(openTerminalSession, { body: { answer }, signal });
    session = { token: opened.session, endsAtMs: clock.monotonicMs() + sessionSafety * opened.expiresInMs };
  }

  return {
    async asTerminal(step, signal) {
      if (session === undefined || clock.monotonicMs() > session.endsAtMs) await renew(signal);
      try {
        return await step(asTerminal);
      } catch (error) {
        if (!(error instanceof RemoteError && sessionCodes.has(error.code))) throw error;
        await renew(signal);
        return step(asTerminal);
      }
    },
  };
}
