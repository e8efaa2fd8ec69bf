import { peekClaims, TokenError, verifyToken } from '@taika/crypto/token';
import { ApiError } from '@taika/http/api-error';
import { tokenTypes } from '@taika/protocol/tokens';
import { sealSession, sessionMs } from '../access/session.ts';
import type { DispatchContext } from '../context.ts';
import { findTerminalByKey } from '../registrations/queries.ts';
import { checkChallenge } from './challenge.ts';
import { useChallenge } from './queries.ts';
import { revokedError } from './revoked-error.ts';
import type { TerminalRole } from './standing.ts';

/** A session that a terminal may carry for `expiresInMs`. */
export interface OpenedTerminalSession {
  readonly session: string;
  readonly terminalId: string;
  readonly expiresInMs: number;
  readonly role: TerminalRole;
}

/** Opens a session for a registered terminal that signed a challenge of ours; each challenge opens one. */
export async function openTerminalSession(
  { sql, clock, secrets, standing }: DispatchContext,
  answer: string,
): Promise<OpenedTerminalSession> {
  const now = clock.now();
  const thumbprint = readClaim(answer, 'sub');
  const terminal = await findTerminalByKey(sql, thumbprint);
  if (terminal === undefined) {
    throw new ApiError('terminal-unknown');
  }
  try {
    await verifyToken(answer, {
      type: tokenTypes.challengeAnswer,
      keys: terminal.publicKey,
      expiry: 'optional',
      now,
    });
  } catch (error) {
    throw refuseToken(error);
  }
  if (terminal.state === 'revoked') {
    throw revokedError(await standing.find(terminal.number));
  }
  const challenge = readClaim(answer, 'challenge');
  const checked = checkChallenge(challenge, thumbprint, { secret: secrets.session, now });
  if (checked.kind === 'forged') {
    throw new ApiError('bad-signature', 'The challenge is not one of ours for this key.');
  }
  if (checked.kind === 'expired') {
    throw new ApiError('session-expired', 'The challenge is over; ask for another one.');
  }
  if (!(await useChallenge(sql, challenge, checked.expiresAt))) {
    throw new ApiError('replayed-request', 'This challenge has opened a session already.');
  }
  const session = sealSession(
    {
      terminalNumber: terminal.number,
      memberNumber: terminal.memberNumber,
      terminalId: terminal.id,
      expiresAt: new Date(now.getTime() + sessionMs),
    },
    secrets.session,
  );
  return { session, terminalId: terminal.id, expiresInMs: sessionMs, role: terminal.role };
}

function readClaim(answer: string, name: string): string {
  try {
    const value = peekClaims(answer)[name];
    if (typeof value === 'string') {
      return value;
    }
  } catch (error) {
    throw refuseToken(error);
  }
  throw new ApiError('bad-signature', `The answer has no claim "${name}".`);
}

function refuseToken(error: unknown): unknown {
  return error instanceof TokenError
    ? new ApiError('bad-signature', `The answer to the challenge was refused: ${error.message}`, {
        cause: error,
      })
    : error;
}
