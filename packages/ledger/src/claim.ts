import type { Transaction } from '@taika/database/connect';
import { type CommandHeader, type CommandTerms, canonicalBody } from './command.ts';
import { type CommandRow, claimNewCommands, findCommands } from './queries.ts';

/** What the key of a command turned out to be. `fresh`: ours to carry out; `known`: carried out before, with the same body. */
export type Claim =
  | Readonly<{ kind: 'fresh'; commandId: bigint }>
  | Readonly<{ kind: 'known'; commandId: bigint }>
  | Readonly<{ kind: 'conflict' }>;

/**
 * Claims the keys of commands, one answer each in their order. A key that another transaction is using right now is
 * waited for. Within a batch the first command of a key is the fresh one.
 */
export async function claimCommands(
  tx: Transaction,
  asked: readonly Readonly<{ header: CommandHeader; terms: CommandTerms }>[],
): Promise<readonly Claim[]> {
  const rows = asked.map(({ header, terms }) => ({
    key: header.idempotencyKey,
    kind: terms.kind,
    event: header.event,
    at: header.at,
    ...canonicalBody(header, terms),
  }));
  const firstOfKey = new Map<string, CommandRow>();
  for (const row of rows) if (!firstOfKey.has(row.key)) firstOfKey.set(row.key, row);

  const claimed = await claimNewCommands(tx, [...firstOfKey.values()]);
  const freshKeys = new Set(claimed.map((row) => row.key));
  const earlier = [...firstOfKey.keys()].filter((key) => !freshKeys.has(key));
  const known = earlier.length === 0 ? [] : await findCommands(tx, earlier);
  const stored = new Map([...claimed, ...known].map((row) => [row.key, row]));

  return rows.map((row): Claim => {
    const command = stored.get(row.key);
    if (!command) throw new Error(`The command ${row.key} was neither claimed nor found.`);
    if (!row.bodyHash.equals(command.bodyHash)) return { kind: 'conflict' };
    const isFresh = freshKeys.has(row.key) && firstOfKey.get(row.key) === row;
    return { kind: isFresh ? 'fresh' : 'known', commandId: command.id };
  });
}

/** Claims one command. */
export async function claimCommand(
  tx: Transaction,
  header: CommandHeader,
  terms: CommandTerms,
): Promise<Claim> {
  const [claim] = await claimCommands(tx, [{ header, terms }]);
  if (!claim) throw new Error('A claim has an answer.');
  return claim;
}
