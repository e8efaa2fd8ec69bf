import { toBase64url } from '@taika/crypto/digest';
import { thumbprint } from '@taika/crypto/keys';
import { signToken, TokenError, verifyToken } from '@taika/crypto/token';
import { publicKeyOf } from '@taika/license/check-welcome';
import {
  type AcquireMessage,
  type AgentToApp,
  type AppToAgent,
  type HelloMessage,
  type LinkRefusal,
  linkTimes,
  linkVersion,
} from '@taika/protocol/local-link';
import { type LeaseClaims, tokenTypes } from '@taika/protocol/tokens';
import type { Clock } from '@taika/runtime/clock';
import type { Random } from '@taika/runtime/random';
import type { DeskAnswer, LicenseDesk } from './license-desk.ts';
import type { Seats } from './seats.ts';

export interface LinkSessionContext {
  readonly desk: LicenseDesk;
  readonly seats: Seats;
  readonly clock: Clock;
  readonly random: Random;
  readonly agentVersion: string;
  /** False when this hello was seen before. */
  readonly isFreshHello: (nonce: string) => boolean;
  readonly send: (message: AgentToApp) => void;
  /** Ends the connection after what was sent. */
  readonly close: () => void;
}

/** The agent's side of one connection. Nothing is sent before a valid hello. */
export interface LinkSession {
  take(message: AppToAgent): Promise<void>;
  /** To be called when the desk's answers may have changed. */
  review(): void;
  /** Frees the seat. */
  end(): void;
  /** The application that said hello, for the log and the status. */
  readonly app: { readonly name: string; readonly build: string; readonly isLeased: boolean } | undefined;
}

interface Greeted {
  readonly hello: HelloMessage;
  readonly appKey: string;
  readonly nonce: string;
}

export function createLinkSession(context: LinkSessionContext): LinkSession {
  const { desk, seats } = context;
  let greeted: Greeted | undefined;
  let lastSeq = 0;
  let grantSent: string | undefined;
  /** The license whose seat this application holds. */
  let seat: string | undefined;
  /** What the application was told last without asking, so that it is told once. */
  let told: string | undefined;

  async function takeHello(hello: HelloMessage): Promise<void> {
    if (greeted !== undefined) return refuse('bad_frame', undefined, true);
    if (hello.v !== linkVersion) return refuse('bad_frame', undefined, true);
    if (!context.isFreshHello(hello.nonce)) return refuse('bad_proof', undefined, true);
    const answer = desk.consult(hello.app);
    if (answer.kind === 'refused') return refuse(answer.reason, undefined, true);
    const nonce = toBase64url(context.random.bytes(32));
    const appKey = await thumbprint(publicKeyOf(hello.epk));
    const { publicKey, privateKey } = desk.terminal;
    const claims = { appNonce: hello.nonce, agentNonce: nonce, epk: hello.epk, app: hello.app };
    const proof = await signToken(claims, { type: tokenTypes.linkProof, key: privateKey });
    greeted = { hello, appKey, nonce };
    grantSent = answer.grant;
    const { agentVersion } = context;
    context.send({
      type: 'welcome',
      v: linkVersion,
      agentVersion,
      terminalKey: publicKey.x,
      grant: answer.grant,
      nonce,
      proof,
    });
  }

  async function takeAcquire(message: AcquireMessage): Promise<void> {
    if (greeted === undefined) return context.close();
    if (!(await isProven(message, greeted, context.clock.now())))
      return refuse('bad_proof', message.seq, true);
    if (message.seq <= lastSeq) return refuse('stale_seq', message.seq);
    lastSeq = message.seq;
    const answer = desk.consult(greeted.hello.app);
    if (answer.kind === 'refused') {
      leave();
      return refuse(answer.reason, message.seq);
    }
    if (!seats.take(answer.license, greeted.appKey, answer.seatsMax)) return refuse('no_seat', message.seq);
    seat = answer.license;
    const lease = await signToken(leaseClaims(message, greeted, answer), {
      type: tokenTypes.lease,
      key: desk.terminal.privateKey,
    });
    const isNewer = answer.grant !== grantSent;
    grantSent = answer.grant;
    told = describe(answer);
    context.send({ type: 'lease', seq: message.seq, lease, ...(isNewer ? { grant: answer.grant } : {}) });
  }

  function review(): void {
    if (greeted === undefined || seat === undefined) return;
    const answer = desk.consult(greeted.hello.app);
    const now = describe(answer);
    if (now === told) return;
    told = now;
    if (answer.kind === 'refused') {
      leave();
      context.send({ type: 'revoke', reason: answer.reason });
    } else if (answer.draining !== undefined) {
      context.send({ type: 'draining', ...answer.draining });
    }
  }

  function leave(): void {
    if (seat !== undefined && greeted !== undefined) seats.free(seat, greeted.appKey);
    seat = undefined;
  }

  function refuse(reason: LinkRefusal, seq?: number, isLast = false): void {
    context.send({ type: 'refusal', reason, ...(seq === undefined ? {} : { seq }) });
    if (isLast) context.close();
  }

  return {
    async take(message) {
      if (message.type === 'hello') await takeHello(message);
      else if (message.type === 'acquire') await takeAcquire(message);
      else {
        leave();
        context.close();
      }
    },
    review,
    end: leave,
    get app() {
      if (greeted === undefined) return undefined;
      return { name: greeted.hello.app, build: greeted.hello.build, isLeased: seat !== undefined };
    },
  };
}

async function isProven(
  { seq, nonce, proof }: AcquireMessage,
  { hello, nonce: agentNonce }: Greeted,
  now: Date,
) {
  try {
    const keys = publicKeyOf(hello.epk);
    const claims = await verifyToken(proof, { type: tokenTypes.acquire, keys, now, expiry: 'optional' });
    return claims.seq === seq && claims.nonce === nonce && claims.agentNonce === agentNonce;
  } catch (error) {
    if (error instanceof TokenError) return false;
    throw error;
  }
}

function leaseClaims(
  { seq, nonce }: AcquireMessage,
  { hello, appKey }: Greeted,
  { draining }: Extract<DeskAnswer, { kind: 'granted' }>,
): LeaseClaims {
  const validForMs = Math.min(linkTimes.leaseValidForMs, draining?.inMs ?? Number.POSITIVE_INFINITY);
  const state = draining === undefined ? 'active' : 'draining';
  return { app: hello.app, appKey, nonce, seq, state, validForMs, renewAfterMs: linkTimes.leaseRenewAfterMs };
}

function describe(answer: DeskAnswer): string {
  if (answer.kind === 'refused') return `refused ${answer.reason}`;
  return answer.draining === undefined ? 'active' : `draining ${answer.draining.reason}`;
}
