import type { PublicJwk } from '@taika/crypto/keys';
import type { Sql, SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { ReasonText } from '@taika/protocol/schema';
import type { RegistrationState } from './registration.ts';

/** A registration with what its member and license add to it. */
export interface RegistrationRow {
  readonly id: string;
  readonly number: bigint;
  readonly memberId: string;
  readonly thumbprint: string;
  readonly product: string;
  readonly kind: 'application' | 'service';
  readonly state: RegistrationState;
  readonly requestHash: string;
  readonly proof: string | null;
  readonly problem: ReasonText | null;
  readonly attempts: number;
  readonly endingDue: boolean;
  readonly terminalName: string;
  readonly publicKey: PublicJwk;
  readonly licenseId: string | null;
  readonly keyHint: string | null;
}

/** One registration, whoever's it is: callers compare the terminal. */
export async function findRegistration(
  sql: SqlOrTransaction,
  id: string,
): Promise<RegistrationRow | undefined> {
  const [row] = await sql<RegistrationRow[]>`
    select r.id, r.number, r.member_id, r.thumbprint, r.product, r.kind, r.state, r.request_hash, r.proof, r.problem,
           r.attempts, r.ending_due, t.name as terminal_name, t.public_key, l.id as license_id, l.key_hint
    from registration r
    join terminal t on t.thumbprint = r.thumbprint
    left join license l on l.registration_id = r.id
    where r.id = ${id}
  `;
  return row;
}

/** Lets one transaction at a time change a registration. */
export async function lockRegistration(tx: Transaction, id: string): Promise<RegistrationRow | undefined> {
  await tx`
    select id
    from registration
    where id = ${id}
    for update
  `;
  return findRegistration(tx, id);
}

/** Locks out other registrations with this key until the transaction ends: both may create the member that the other looks for. */
export async function lockTerminal(tx: Transaction, thumbprint: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`taika terminal ${thumbprint}`}, 0))`;
}

/** A terminal with its member. */
export interface TerminalRow {
  readonly thumbprint: string;
  readonly memberId: string;
  readonly publicKey: PublicJwk;
  readonly isForgotten: boolean;
}

/** The terminal that holds a key. */
export async function findTerminal(
  sql: SqlOrTransaction,
  thumbprint: string,
): Promise<TerminalRow | undefined> {
  const [row] = await sql<TerminalRow[]>`
    select t.thumbprint, t.member_id, t.public_key, m.forgotten_at is not null as is_forgotten
    from terminal t
    join member m on m.id = t.member_id
    where t.thumbprint = ${thumbprint}
  `;
  return row;
}

export async function insertMember(
  tx: Transaction,
  member: { readonly id: string; readonly name: string; readonly contact: string; readonly now: Date },
): Promise<void> {
  await tx`
    insert into member (id, name, contact, registered_at)
    values (${member.id}, ${member.name}, ${member.contact}, ${member.now})
  `;
}

/** A member who registers again: name and contact are what was said last. */
export async function renewMember(
  tx: Transaction,
  member: { readonly id: string; readonly name: string; readonly contact: string },
): Promise<void> {
  await tx`
    update member
    set name = ${member.name},
        contact = ${member.contact},
        forgotten_at = null
    where id = ${member.id}
  `;
}

export async function insertTerminal(
  tx: Transaction,
  terminal: {
    readonly thumbprint: string;
    readonly memberId: string;
    readonly publicKey: PublicJwk;
    readonly name: string;
    readonly now: Date;
  },
): Promise<void> {
  const { kty, crv, x } = terminal.publicKey;
  await tx`
    insert into terminal (thumbprint, member_id, public_key, name, added_at)
    values (${terminal.thumbprint}, ${terminal.memberId}, ${tx.json({ kty, crv, x })}, ${terminal.name}, ${terminal.now})
  `;
}

/** Stores the request (step 205). Fails on `registration_open_once` when the terminal has the product already. */
export async function insertRegistration(
  tx: Transaction,
  row: {
    readonly id: string;
    readonly memberId: string;
    readonly thumbprint: string;
    readonly product: string;
    readonly kind: 'application' | 'service';
    readonly requestHash: string;
    readonly proof: string;
    readonly now: Date;
  },
): Promise<void> {
  await tx`
    insert into registration
      (id, member_id, thumbprint, product, kind, request_hash, proof, requested_at, next_attempt_at)
    values (
      ${row.id}, ${row.memberId}, ${row.thumbprint}, ${row.product}, ${row.kind}, ${row.requestHash}, ${row.proof},
      ${row.now}, ${row.now}
    )
  `;
}

/** The id of the open registration of this terminal for a product. */
export async function findOpenRegistrationId(
  sql: SqlOrTransaction,
  thumbprint: string,
  product: string,
): Promise<string | undefined> {
  const [row] = await sql<{ id: string }[]>`
    select id
    from registration
    where thumbprint = ${thumbprint}
      and product = ${product}
      and state <> 'ended'
  `;
  return row?.id;
}

/** Keeps the terminal's latest proof: an older one may have expired at the dispatch server meanwhile. */
export async function renewProof(
  tx: Transaction,
  { id, proof, now }: { readonly id: string; readonly proof: string; readonly now: Date },
): Promise<void> {
  await tx`
    update registration
    set proof = ${proof},
        next_attempt_at = ${now}
    where id = ${id}
      and state = 'requested'
  `;
}

/** The dispatch server confirmed (step 208), and says when it registered. Zero rows: somebody else wrote that first, or the member ended it meanwhile. */
export async function markRegistered(sql: Sql, id: string, registeredAt: Date): Promise<boolean> {
  const rows = await sql`
    update registration
    set state = 'registered',
        registered_at = ${registeredAt},
        proof = null,
        problem = null,
        next_attempt_at = null
    where id = ${id}
      and state = 'requested'
    returning id
  `;
  return rows.length === 1;
}

/** Why it could not be confirmed, and when that is tried again; null for not before the terminal calls. */
export async function markFailedAttempt(
  sql: Sql,
  row: { readonly id: string; readonly problem: ReasonText; readonly nextAttemptAt: Date | null },
): Promise<void> {
  await sql`
    update registration
    set problem = ${sql.json({ ...row.problem })},
        attempts = attempts + 1,
        next_attempt_at = ${row.nextAttemptAt}
    where id = ${row.id}
      and (state = 'requested' or ending_due)
  `;
}

/** A key goes out with this reply (step 209). */
export async function markIssued(tx: Transaction, id: string, now: Date): Promise<void> {
  await tx`
    update registration
    set state = 'issued',
        issued_at = ${now}
    where id = ${id}
      and state in ('registered', 'issued')
  `;
}

/** The agent stored the key (step 210). */
export async function markAcknowledged(tx: Transaction, id: string, now: Date): Promise<void> {
  await tx`
    update registration
    set state = 'acknowledged',
        acknowledged_at = ${now}
    where id = ${id}
      and state = 'issued'
  `;
}

/** The member ends it. The dispatch server is told by the loop, also of one that it may never have heard of: a confirmation may have been lost. */
export async function markEnded(tx: Transaction, id: string, now: Date): Promise<void> {
  await tx`
    update registration
    set state = 'ended',
        ended_at = ${now},
        proof = null,
        problem = null,
        attempts = 0,
        ending_due = true,
        next_attempt_at = ${now}
    where id = ${id}
      and state <> 'ended'
  `;
}

/** The dispatch server knows that it ended. */
export async function markEndTold(sql: Sql, id: string): Promise<void> {
  await sql`
    update registration
    set ending_due = false,
        problem = null,
        next_attempt_at = null
    where id = ${id}
  `;
}

/** Deletes name and contact of a member who has no registration left. */
export async function forgetMemberRow(tx: Transaction, memberId: string, now: Date): Promise<void> {
  await tx`
    update member
    set name = null,
        contact = null,
        forgotten_at = ${now}
    where id = ${memberId}
      and forgotten_at is null
      and not exists (select from registration r where r.member_id = ${memberId} and r.state <> 'ended')
  `;
}

/** What waits for the dispatch server and is due. */
export async function listDue(sql: Sql, now: Date, limit: number): Promise<readonly RegistrationRow[]> {
  return await sql<RegistrationRow[]>`
    select r.id, r.number, r.member_id, r.thumbprint, r.product, r.kind, r.state, r.request_hash, r.proof, r.problem,
           r.attempts, r.ending_due, t.name as terminal_name, t.public_key, null as license_id, null as key_hint
    from registration r
    join terminal t on t.thumbprint = r.thumbprint
    where (r.state = 'requested' or r.ending_due)
      and r.next_attempt_at <= ${now}
    order by r.next_attempt_at
    limit ${limit}
  `;
}
