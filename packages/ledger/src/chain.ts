import type { SqlOrTransaction, Transaction } from '@taika/database/connect';

/** The end of the chain: how many commands it seals, and a hash of all of them. `hash` is hexadecimal. */
export type ChainHead = Readonly<{ position: bigint; hash: string }>;

/** What a walk along the chain found. */
export type ChainVerdict =
  | Readonly<{ kind: 'intact'; head: ChainHead }>
  | Readonly<{ kind: 'broken'; position: bigint; commandId: bigint | undefined; problem: string }>;

/** The head of a book in which nothing is sealed. */
export const EMPTY_CHAIN: ChainHead = { position: 0n, hash: '00'.repeat(32) };

/**
 * Seals committed commands that wait, at most `commandsMax` (10,000), and returns how many: one step of a loop, and the
 * first step of a statement. Replicas take turns. A command that is being committed just now is left for the next step.
 */
export async function sealChain(
  tx: Transaction,
  { commandsMax = 10_000 }: { commandsMax?: number } = {},
): Promise<{ sealed: number; head: ChainHead }> {
  // The lock is a statement of its own, so that the next one sees what the previous holder has sealed.
  await tx`select pg_advisory_xact_lock(hashtextextended('ledger chain', 0))`;
  const head = await chainHead(tx);
  const rows = await tx`
    with due as (
      delete from ledger.unsealed
      where command_id in (
        select command_id
        from ledger.unsealed
        order by command_id
        limit ${commandsMax}
      )
      returning command_id
    )
    insert into ledger.seal (position, command_id, hash)
    select ${head.position}::bigint + row_number() over chain,
           due.command_id,
           ledger.chain_hash(decode(${head.hash}, 'hex'), c.content) over chain
    from due
    cross join lateral (
      select content
      from ledger.command_content
      where command_id = due.command_id
      limit 1
    ) c
    window chain as (order by due.command_id)`;
  return { sealed: rows.count, head: await chainHead(tx) };
}

/** Where the chain ends now. */
export async function chainHead(sql: SqlOrTransaction): Promise<ChainHead> {
  const [row] = await sql<{ position: bigint; hash: Buffer }[]>`
    select position, hash
    from ledger.seal
    order by position desc
    limit 1`;
  return row ? { position: row.position, hash: row.hash.toString('hex') } : EMPTY_CHAIN;
}

/**
 * Walks the whole chain and names the first row that is not what was sealed. With a head that somebody outside has kept
 * (from a statement) it also finds that the end was cut off or that all was written anew.
 */
export async function verifyChain(
  sql: SqlOrTransaction,
  witness: ChainHead = EMPTY_CHAIN,
): Promise<ChainVerdict> {
  const [broken] = await sql<{ position: bigint; commandId: bigint; problem: string }[]>`
    select position, command_id, problem
    from ledger.broken_seal
    order by position
    limit 1`;
  if (broken) return { kind: 'broken', ...broken };
  const denied = await checkWitness(sql, witness);
  return denied ?? { kind: 'intact', head: await chainHead(sql) };
}

/** What a head that somebody has kept denies; undefined when the chain still has that row. */
export async function checkWitness(
  sql: SqlOrTransaction,
  witness: ChainHead,
): Promise<(ChainVerdict & { kind: 'broken' }) | undefined> {
  if (witness.position === 0n) return undefined;
  const [row] = await sql<{ commandId: bigint; hash: Buffer }[]>`
    select command_id, hash
    from ledger.seal
    where position = ${witness.position}`;
  if (row?.hash.toString('hex') === witness.hash) return undefined;
  const problem = row ? 'it is not the row whose hash the witness keeps' : 'the chain ends before it';
  return { kind: 'broken', position: witness.position, commandId: row?.commandId, problem };
}
