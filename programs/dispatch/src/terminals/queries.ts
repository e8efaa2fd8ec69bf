import type { PublicJwk } from '@taika/crypto/keys';
import type { Sql, SqlOrTransaction } from '@taika/database/connect';
import type { PageRequest } from '@taika/http/page';
import { mayBeReadmitted } from '@taika/trust/readmission';
import type { Standing as TrustStanding } from '@taika/trust/state';
import { pgArray, pgTextArray } from '../pg-array.ts';
import { networkOf } from './network.ts';
import type { PresenceState, Sighting } from './presence.ts';
import type { Standing, TerminalRole } from './standing.ts';

/** Uses up a challenge; false when it was used before. */
export async function useChallenge(sql: Sql, value: string, expiresAt: Date): Promise<boolean> {
  const rows = await sql`
    insert into used_challenge (value, expires_at)
    values (${value}, ${expiresAt})
    on conflict (value) do nothing
    returning value
  `;
  return rows.length > 0;
}

/** The standing of terminals: the user database's answer to "is this a duly registered terminal?" (step 304). */
export async function readStandings(
  sql: Sql,
  terminalNumbers: readonly bigint[],
): Promise<Map<bigint, Standing>> {
  const rows = await sql<StandingRow[]>`
    select t.number, t.role, t.state, t.revoke_reason, open.registrations, open.cores, open.memory_mib,
           trust.standing, coalesce(trust.reentries, 0) as reentries, coalesce(trust.recalls_out, 0) as recalls_out,
           coalesce(trust.recalls_done, 0) as recalls_done, coalesce(trust.recalls_wrong, 0) as recalls_wrong,
           coalesce(trust.is_recall_isolated, true) as is_recall_isolated
    from terminal t
    left join terminal_trust trust on trust.terminal_number = t.number
    cross join lateral (
      select count(distinct r.number)::int as registrations, min(c.cores) as cores, min(c.memory_mib) as memory_mib
      from registration r
      left join consent c
        on c.terminal_number = r.terminal_number
        and c.vendor_number = r.vendor_number
        and c.product = r.product
        and c.withdrawn_at is null
      where r.terminal_number = t.number
        and r.ended_at is null
    ) open
    where t.number = any(${pgArray(terminalNumbers)}::text::bigint[])
  `;
  return new Map(rows.map((row) => [row.number, toStanding(row)]));
}

interface StandingRow {
  readonly number: bigint;
  readonly role: TerminalRole;
  readonly state: 'active' | 'revoked';
  readonly registrations: number;
  readonly cores: number | null;
  readonly memoryMib: number | null;
  readonly revokeReason: string | null;
  /** Null before its first result. */
  readonly standing: TrustStanding | null;
  readonly reentries: number;
  readonly recallsOut: number;
  readonly recallsDone: number;
  readonly recallsWrong: number;
  readonly isRecallIsolated: boolean;
}

function toStanding(row: StandingRow): Standing {
  const { role, state, registrations, cores, memoryMib, reentries } = row;
  const consented = cores === null || memoryMib === null ? undefined : { cores, memoryMiB: memoryMib };
  return {
    role,
    state,
    ...(state === 'revoked' ? { mayReturn: mayReturn(row) } : {}),
    ...(reentries > 0 ? { reentries } : {}),
    registrations,
    limits: role === 'member' ? consented : unlimited,
  };
}

/** An operator's own word is not undone by what is computed again. */
function mayReturn(row: StandingRow): boolean {
  const { standing, reentries, recallsOut, recallsDone, recallsWrong, isRecallIsolated } = row;
  return (
    standing !== null &&
    row.revokeReason?.startsWith('trust:') === true &&
    mayBeReadmitted(
      { standing, reentries },
      { out: recallsOut, checked: recallsDone, wrong: recallsWrong, isIsolated: isRecallIsolated },
    )
  );
}

/** The contractor's own machines lend what they ask work for. */
const unlimited = { cores: 1024, memoryMiB: 1024 * 1024 };

/** A terminal's registrations that have not ended, with the consent in force for each. */
export function listOpenRegistrations(sql: Sql, terminalNumber: bigint): Promise<OpenRegistrationRow[]> {
  return sql<OpenRegistrationRow[]>`
    select r.id as registration_id, v.id as vendor_id, r.product, r.kind, max(c.recorded_at) as consent_at
    from registration r
    join vendor v on v.number = r.vendor_number
    left join consent c
      on c.terminal_number = r.terminal_number
      and c.vendor_number = r.vendor_number
      and c.product = r.product
      and c.withdrawn_at is null
    where r.terminal_number = ${terminalNumber}
      and r.ended_at is null
    group by r.id, v.id
    order by r.number
  `;
}

/** See `listOpenRegistrations`. */
export interface OpenRegistrationRow {
  readonly registrationId: string;
  readonly vendorId: string;
  readonly product: string;
  readonly kind: 'application' | 'service';
  readonly consentAt: Date | null;
}

/** A terminal as the operator sees it. */
export interface OperatorTerminalRow {
  readonly id: string;
  readonly number: bigint;
  readonly role: TerminalRole;
  readonly state: 'active' | 'revoked';
  readonly name: string;
  readonly seenAt: Date | null;
  /** Units that it holds now. */
  readonly unitsOut: number;
}

/** Terminals in the order of registration, one more than the page holds. */
export function listTerminalRows(sql: Sql, { after, limit }: PageRequest): Promise<OperatorTerminalRow[]> {
  return sql<OperatorTerminalRow[]>`
    select t.id, t.number, t.role, t.state, t.name, p.seen_at, coalesce(held.units, 0)::int as units_out
    from terminal t
    left join terminal_presence p on p.terminal_number = t.number
    left join (
      select terminal_number, sum(units) as units
      from assignment
      group by terminal_number
    ) held on held.terminal_number = t.number
    where t.number > ${after}
    order by t.number
    limit ${limit + 1}
  `;
}

/** One terminal as the operator sees it. */
export async function findOperatorTerminal(
  sql: SqlOrTransaction,
  id: string,
): Promise<OperatorTerminalRow | undefined> {
  const [row] = await sql<OperatorTerminalRow[]>`
    select t.id, t.number, t.role, t.state, t.name, p.seen_at, (
             select coalesce(sum(a.units), 0)::int
             from assignment a
             where a.terminal_number = t.number
           ) as units_out
    from terminal t
    left join terminal_presence p on p.terminal_number = t.number
    where t.id = ${id}
  `;
  return row;
}

/** Revokes a terminal; zero rows mean that there is no such terminal, or that it was revoked before. */
export async function revokeTerminalRow(
  sql: Sql,
  { id, reason, at }: { readonly id: string; readonly reason: string; readonly at: Date },
): Promise<bigint | undefined> {
  const [row] = await sql<{ number: bigint }[]>`
    update terminal
    set state = 'revoked', revoked_at = ${at}, revoke_reason = ${reason}
    where id = ${id}
      and state = 'active'
    returning number
  `;
  return row?.number;
}

/** The key of a terminal. */
export async function findTerminalKey(
  sql: SqlOrTransaction,
  terminalNumber: bigint,
): Promise<{ readonly thumbprint: string; readonly publicKey: PublicJwk } | undefined> {
  const [row] = await sql<{ thumbprint: string; publicKey: PublicJwk }[]>`
    select thumbprint, public_key
    from terminal_key
    where terminal_number = ${terminalNumber}
  `;
  return row;
}

/** What was last seen of a terminal. */
export async function findPresence(
  sql: Sql,
  terminalNumber: bigint,
): Promise<{ readonly seenAt: Date; readonly state: PresenceState; readonly busyUntil: Date } | undefined> {
  const [row] = await sql<{ seenAt: Date; state: PresenceState; busyUntil: Date }[]>`
    select seen_at, state, busy_until
    from terminal_presence
    where terminal_number = ${terminalNumber}
  `;
  return row;
}

/** Writes sightings, each over an older one of the same terminal. They come in the order of terminals. */
export async function writeSightings(sql: Sql, taken: readonly Sighting[]): Promise<void> {
  await sql`
    insert into terminal_presence (terminal_number, seen_at, state, busy_until, network, agent_version)
    select *
    from unnest(
      ${pgArray(taken.map((sighting) => sighting.terminalNumber))}::text::bigint[],
      ${pgTextArray(taken.map((sighting) => sighting.at.toISOString()))}::text::timestamptz[],
      ${pgTextArray(taken.map((sighting) => sighting.state))}::text::text[],
      ${pgTextArray(taken.map((sighting) => (sighting.busyUntil ?? sighting.at).toISOString()))}::text::timestamptz[],
      ${pgArray(taken.map(({ address }) => (address === undefined ? 0 : networkOf(address))))}::text::int[],
      ${pgTextArray(taken.map(({ agentVersion }) => agentVersion))}::text::text[]
    )
    on conflict (terminal_number) do update
    set seen_at = excluded.seen_at,
        state = excluded.state,
        busy_until = excluded.busy_until,
        network = excluded.network,
        agent_version = coalesce(excluded.agent_version, terminal_presence.agent_version)
    where terminal_presence.seen_at <= excluded.seen_at
  `;
}

/** Deletes what only guarded against replays and is over. */
export async function deleteSpentProofs(sql: Sql, now: Date): Promise<void> {
  await sql`
    delete from used_challenge
    where expires_at < ${now}
  `;
  await sql`
    delete from used_request
    where expires_at < ${now}
  `;
}
