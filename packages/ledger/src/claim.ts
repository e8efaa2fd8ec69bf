import type { Transaction } from '@taika/database/connect';
import { type CommandHeader, canonicalBody } from './command.ts';
import { type CommandRow, claimNewCommands, findCommands } from './queries.ts';

/** What the key of a command turned out to be. `fresh`: ours to carry out; `known`: carried out before, with the same body. */
export type Claim =
  | Readonly<{ kind: 'fresh'; commandId: bigint }>
  | Readonly<{ kind: 'known'; commandId: bigint }>
  | Readonly<{ kind: 'conflict' }>;

/**
 * Claims the keys of commands, one answer per header in their order. A key that another transaction is using right now is
 * waited for. Within a batch the first command of a key is the fresh one.
 */
export async function claimCommands(
  tx: Transaction,
  kind: CommandRow['kind'],
  headers: readonly CommandHeader[],
): Promise<readonly Claim[]> {
  const rows = headers.map((header) => ({
    key: header.idempotencyKey,
    kind,
    event: header.event,
    at: header.at,
    ...canonicalBody(header),
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
  kind: CommandRow['kind'],
  header: CommandHeader,
): Promise<Claim> {
  const [claim] = await claimCommands(tx, kind, [header]);
  if (!claim) throw new Error('A claim has an answer.');
  return claim;
}
