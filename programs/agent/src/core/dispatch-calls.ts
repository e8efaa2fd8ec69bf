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

/** What a terminal of the contractor's own is for; members' say nothing of it. */
export type OwnRole = 'reference' | 'decoy';

/** The key is that of a terminal that is for something else. Nothing was asked for or handed in under it. */
export class WrongRoleError extends Error {
  override readonly name = 'WrongRoleError';
  readonly code = 'wrong-role';
  readonly remedy: string;

  constructor({ wanted, role }: { readonly wanted: OwnRole; readonly role: string | undefined }) {
    const whose =
      role === undefined ? 'terminal of which the server does not say what it is for' : names[role];
    super(`This is the key of a ${whose ?? role}, and a ${names[wanted]} must not run under it.`);
    const mend = `have a key made by \`taika contractor add-${wanted} --name NAME --generate-key FILE\``;
    this.remedy =
      role === 'reference' || role === 'decoy'
        ? `Run it by \`taika ${role} run\`, or ${mend}.`
        : `${mend.charAt(0).toUpperCase()}${mend.slice(1)}.`;
  }
}

const names: Readonly<Record<string, string>> = {
  member: 'member’s terminal',
  reference: 'reference executor',
  decoy: 'decoy',
};

/** Calls under this terminal's key. With `role`, no call is made under a key of another: it throws a WrongRoleError. */
export function createDispatchCalls(
  host: Host,
  dispatchUrl: string,
  { role }: { readonly role?: OwnRole } = {},
): DispatchCalls {
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
    if (role !== undefined && opened.role !== role) {
      throw new WrongRoleError({ wanted: role, role: opened.role });
    }
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
