import { parsePublicKey, thumbprint } from '@taika/crypto/keys';
import { inTransaction } from '@taika/database/transaction';
import { ApiError } from '@taika/http/api-error';
import { uuidv7 } from '@taika/runtime/identifiers';
import type { DispatchContext } from '../context.ts';
import { findTerminalByKey, insertMember, insertTerminal } from '../registrations/queries.ts';
import { findOperatorTerminal } from '../terminals/queries.ts';
import type { TerminalRole } from '../terminals/standing.ts';

/** A terminal that the contractor runs itself. */
export interface NewOwnTerminal {
  readonly terminalId: string;
  readonly role: Exclude<TerminalRole, 'member'>;
  readonly name: string;
  readonly publicKey: unknown;
}

/** Adds a terminal of the contractor's own. A repeated call changes nothing; the id or the key of another one is a conflict. */
export async function addOwnTerminal(
  { sql, clock, random, log }: DispatchContext,
  { terminalId, role, name, publicKey }: NewOwnTerminal,
): Promise<{ readonly terminalId: string; readonly role: NewOwnTerminal['role']; readonly name: string }> {
  const key = parsePublicKey(publicKey);
  const keyName = await thumbprint(key);
  const registeredAt = clock.now();
  const answer = { terminalId, role, name };
  const isSame = async () => {
    // At one instant: a call at the same time may add it between two looks.
    const [known, row] = await inTransaction(
      sql,
      'repeatable read',
      async (tx) =>
        [await findTerminalByKey(tx, keyName), await findOperatorTerminal(tx, terminalId)] as const,
    );
    if (known === undefined && row === undefined) {
      return false;
    }
    if (known?.id !== terminalId || row?.role !== role || row.name !== name) {
      throw new ApiError('idempotency-conflict', 'This id or this key is that of another terminal.');
    }
    return true;
  };
  if (await isSame()) {
    return answer;
  }
  try {
    await inTransaction(sql, async (tx) => {
      // A member of its own, so that whatever joins terminals to members holds; nobody can spend by it.
      const memberNumber = await insertMember(tx, uuidv7(registeredAt, random), registeredAt);
      const terminal = { id: terminalId, memberNumber, role, name };
      await insertTerminal(tx, { ...terminal, thumbprint: keyName, publicKey: key, registeredAt });
    });
  } catch (error) {
    // Two calls at once: the other was first.
    if (await isSame()) {
      return answer;
    }
    throw error;
  }
  log.info({ terminalId, role }, 'A terminal of the contractor’s own was added.');
  return answer;
}
