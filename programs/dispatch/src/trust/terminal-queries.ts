import type { SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { Standing } from '@taika/trust/state';
import { pgArray, pgTextArray } from '../pg-array.ts';

/** A row of `terminal_trust`. */
export interface TerminalTrustRow {
  readonly terminalNumber: bigint;
  readonly memberNumber: bigint;
  readonly network: number;
  readonly week: number;
  readonly standing: Standing;
  readonly isDecoy: boolean;
  readonly probationPassed: number;
  readonly passed: number;
  readonly drawn: number;
  readonly reentries: number;
  readonly recallsOut: number;
  readonly recallsDone: number;
  readonly recallsWrong: number;
  readonly isRecallIsolated: boolean;
  readonly activeAt: Date;
  readonly agentVersion: string | null;
}

/** Makes rows for terminals that have none yet: on probation, with what is known of where and when they came from. */
export async function insertNewTerminals(
  tx: Transaction,
  terminalNumbers: readonly bigint[],
  now: Date,
): Promise<void> {
  await tx`
    insert into terminal_trust
      (terminal_number, member_number, network, week, standing, is_decoy, probation_passed, passed, drawn, reentries,
       active_at, agent_version)
    select t.number, t.member_number, coalesce(p.network, 0), floor(extract(epoch from t.registered_at) / 604800)::int,
           'probation', t.role = 'decoy', 0, 0, 0, 0, ${now}, p.agent_version
    from terminal t
    left join terminal_presence p on p.terminal_number = t.number
    where t.number = any(${pgArray(terminalNumbers)}::text::bigint[])
    on conflict (terminal_number) do nothing
  `;
}

/** A terminal's row, and what else is known of it. */
export interface KnownTerminal extends TerminalTrustRow {
  /** The version that it was last seen with. */
  readonly seenVersion: string | null;
  readonly isReference: boolean;
}

/** What is known of these terminals, and the version that each was last seen with. */
export function readTerminals(tx: Transaction, terminalNumbers: readonly bigint[]): Promise<KnownTerminal[]> {
  return tx<KnownTerminal[]>`
    select t.terminal_number, t.member_number, coalesce(nullif(p.network, 0), t.network) as network, t.week, t.standing,
           t.is_decoy, t.probation_passed, t.passed, t.drawn, t.reentries, t.recalls_out, t.recalls_done, t.recalls_wrong,
           t.is_recall_isolated, t.active_at, t.agent_version, p.agent_version as seen_version,
           terminal.role = 'reference' as is_reference
    from terminal_trust t
    join terminal on terminal.number = t.terminal_number
    left join terminal_presence p on p.terminal_number = t.terminal_number
    where t.terminal_number = any(${pgArray(terminalNumbers)}::text::bigint[])
  `;
}

/** Writes rows as decisions have changed them. */
export async function updateTerminals(tx: Transaction, rows: readonly TerminalTrustRow[]): Promise<void> {
  const column = <T extends bigint | number>(value: (row: TerminalTrustRow) => T) => pgArray(rows.map(value));
  await tx`
    update terminal_trust t
    set network = changed.network,
        standing = changed.standing,
        probation_passed = changed.probation_passed,
        passed = changed.passed,
        drawn = changed.drawn,
        reentries = changed.reentries,
        recalls_out = changed.recalls_out,
        recalls_done = changed.recalls_done,
        recalls_wrong = changed.recalls_wrong,
        is_recall_isolated = changed.is_recall_isolated = 1,
        active_at = changed.active_at,
        agent_version = changed.agent_version
    from unnest(
      ${column((row) => row.terminalNumber)}::text::bigint[],
      ${column((row) => row.network)}::text::int[],
      ${pgTextArray(rows.map((row) => row.standing))}::text::text[],
      ${column((row) => row.probationPassed)}::text::int[],
      ${column((row) => row.passed)}::text::int[],
      ${column((row) => row.drawn)}::text::int[],
      ${column((row) => row.reentries)}::text::int[],
      ${column((row) => row.recallsOut)}::text::int[],
      ${column((row) => row.recallsDone)}::text::int[],
      ${column((row) => row.recallsWrong)}::text::int[],
      ${column((row) => (row.isRecallIsolated ? 1 : 0))}::text::int[],
      ${pgTextArray(rows.map((row) => row.activeAt.toISOString()))}::text::timestamptz[],
      ${pgTextArray(rows.map((row) => row.agentVersion ?? undefined))}::text::text[]
    ) as changed (terminal_number, network, standing, probation_passed, passed, drawn, reentries, recalls_out, recalls_done,
      recalls_wrong, is_recall_isolated, active_at, agent_version)
    where t.terminal_number = changed.terminal_number
  `;
}

/** A TRUSTED terminal that was seen lately. */
export interface PoolRow {
  readonly terminalNumber: bigint;
  readonly memberNumber: bigint;
  readonly network: number;
  readonly week: number;
  readonly activeAt: Date;
  readonly agentVersion: string | null;
  readonly seenVersion: string | null;
}

/** Silent for longer, and holding nothing: it will not compute a copy in time. */
const seenSeconds = 300;

/** Whether a trusted terminal is there to compute copies; whether it may vouch is another question (`mayVouch`). Names `terminal_trust` t, `terminal` and `terminal_presence` p. */
export function isThere(sql: SqlOrTransaction) {
  return sql`(
    terminal.state = 'active'
    and not t.is_decoy
    and p.state in ('computing', 'idle-no-work')
    and (p.seen_at > now() - make_interval(secs => ${seenSeconds}) or p.busy_until > now())
  ) is true`;
}

/** Trusted terminals that are there to compute copies, in the order of terminals. */
export function readPool(tx: Transaction): Promise<PoolRow[]> {
  return tx<PoolRow[]>`
    select t.terminal_number, t.member_number, coalesce(nullif(p.network, 0), t.network) as network, t.week,
           t.active_at, t.agent_version, p.agent_version as seen_version
    from terminal_trust t
    join terminal on terminal.number = t.terminal_number
    join terminal_presence p on p.terminal_number = t.terminal_number
    where t.standing = 'trusted'
      and ${isThere(tx)}
    order by t.terminal_number
  `;
}

/** The last pool that was recorded. */
export async function readLastPool(
  tx: Transaction,
): Promise<{ readonly version: bigint; readonly terminals: readonly (readonly number[])[] } | undefined> {
  const [row] = await tx<{ version: bigint; terminals: number[][] }[]>`
    select version, terminals
    from trust_pool
    order by version desc
    limit 1
  `;
  return row;
}

/** Records a pool that differs from the last one. */
export async function insertPool(
  tx: Transaction,
  terminals: readonly (readonly number[])[],
  now: Date,
): Promise<bigint> {
  const [row] = await tx<{ version: bigint }[]>`
    insert into trust_pool (at, terminals)
    values (${now}, ${tx.json(terminals as never)})
    returning version
  `;
  if (row === undefined) {
    throw new Error('A pool was recorded and has no version.');
  }
  return row.version;
}

/** Takes a terminal's right to work, in the user database too: receipts then tell its vendors, and licenses end. */
export async function revokeForLie(
  tx: Transaction,
  {
    terminalNumber,
    cause,
    now,
  }: { readonly terminalNumber: bigint; readonly cause: string; readonly now: Date },
): Promise<void> {
  await tx`
    update terminal
    set state = 'revoked', revoked_at = ${now}, revoke_reason = ${cause}
    where number = ${terminalNumber}
      and state = 'active'
  `;
}

/** Lets a terminal in again after a fault that looked like hardware. */
export async function readmitTerminal(tx: Transaction, terminalNumber: bigint): Promise<void> {
  await tx`
    update terminal
    set state = 'active', revoked_at = null, revoke_reason = null
    where number = ${terminalNumber}
      and state = 'revoked'
      and revoke_reason like 'trust:%'
  `;
}
