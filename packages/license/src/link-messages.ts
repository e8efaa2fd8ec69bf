import {
  type AcquireMessage,
  type AgentToApp,
  type AppToAgent,
  type HelloMessage,
  type LeaseMessage,
  type LinkRefusal,
  linkRefusals,
  type WelcomeMessage,
} from '@taika/protocol/local-link';
import { FrameError } from './frame-error.ts';

type Json = Readonly<Record<string, unknown>>;

/** A frame's content as a message of an application. Throws a FrameError for anything else. */
export function parseAppMessage(value: Json): AppToAgent {
  switch (value.type) {
    case 'hello':
      return {
        type: 'hello',
        v: whole(value, 'v'),
        app: text(value, 'app', 100),
        build: text(value, 'build', 100),
        epk: key(value, 'epk'),
        nonce: key(value, 'nonce'),
      } satisfies HelloMessage;
    case 'acquire':
      return {
        type: 'acquire',
        seq: whole(value, 'seq'),
        nonce: key(value, 'nonce'),
        proof: text(value, 'proof', 8192),
      } satisfies AcquireMessage;
    case 'release':
      return { type: 'release' };
    default:
      throw new FrameError('An application says hello, acquire or release.');
  }
}

/** A frame's content as a message of an agent. Throws a FrameError for anything else. */
export function parseAgentMessage(value: Json): AgentToApp {
  switch (value.type) {
    case 'welcome':
      return {
        type: 'welcome',
        v: whole(value, 'v'),
        agentVersion: text(value, 'agentVersion', 100),
        terminalKey: key(value, 'terminalKey'),
        grant: text(value, 'grant', 16_384),
        nonce: key(value, 'nonce'),
        proof: text(value, 'proof', 8192),
      } satisfies WelcomeMessage;
    case 'lease':
      return {
        type: 'lease',
        seq: whole(value, 'seq'),
        lease: text(value, 'lease', 8192),
        ...(value.grant === undefined ? {} : { grant: text(value, 'grant', 16_384) }),
      } satisfies LeaseMessage;
    case 'draining':
      return { type: 'draining', inMs: whole(value, 'inMs'), reason: refusal(value) };
    case 'revoke':
      return { type: 'revoke', reason: refusal(value) };
    case 'refusal':
      return {
        type: 'refusal',
        ...(value.seq === undefined ? {} : { seq: whole(value, 'seq') }),
        reason: refusal(value),
      };
    default:
      throw new FrameError('An agent says welcome, lease, draining, revoke or refusal.');
  }
}

function text(value: Json, name: string, charactersMax: number): string {
  const member = value[name];
  if (typeof member !== 'string' || member === '' || member.length > charactersMax) {
    throw new FrameError(`"${name}" must be text of 1 to ${charactersMax} characters.`);
  }
  return member;
}

/** 32 bytes in base64url: a key or a nonce. */
function key(value: Json, name: string): string {
  const member = value[name];
  if (typeof member !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(member)) {
    throw new FrameError(`"${name}" must be 32 bytes in base64url.`);
  }
  return member;
}

function whole(value: Json, name: string): number {
  const member = value[name];
  if (typeof member !== 'number' || !Number.isSafeInteger(member) || member < 0) {
    throw new FrameError(`"${name}" must be a whole number.`);
  }
  return member;
}

/** A reason of a newer agent that this application does not know is understood as the vendor's policy. */
function refusal(value: Json): LinkRefusal {
  const code = text(value, 'reason', 100);
  return Object.hasOwn(linkRefusals, code) ? (code as LinkRefusal) : 'policy';
}
