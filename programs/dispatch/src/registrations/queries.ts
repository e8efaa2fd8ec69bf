import type { PublicJwk } from '@taika/crypto/keys';
import type { SqlOrTransaction, Transaction } from '@taika/database/connect';
import type { TerminalRole } from '../terminals/standing.ts';

/** A row of `registration`, with the ids of its member and terminal. */
export interface RegistrationRow {
  readonly id: string;
  readonly number: bigint;
  readonly vendorNumber: bigint;
  readonly memberId: string;
  readonly memberNumber: bigint;
  readonly terminalId: string;
  readonly terminalNumber: bigint;
  readonly pseudonym: string;
  readonly product: string;
  readonly kind: 'application' | 'service';
  readonly requestHash: Uint8Array;
  readonly registeredAt: Date;
  readonly endedAt: Date | null;
}

/** The registration with this id, whoever's it is: callers compare the vendor. */
export async function findRegistration(
  sql: SqlOrTransaction,
  id: string,
): Promise<RegistrationRow | undefined> {
  const [row] = await sql<RegistrationRow[]>`
    select r.id, r.number, r.vendor_number, m.id as member_id, m.number as member_number, t.id as terminal_id,
           t.number as terminal_number, r.pseudonym, r.product, r.kind, r.request_hash, r.registered_at, r.ended_at
    from registration r
    join member m on m.number = r.member_number
    join terminal t on t.number = r.terminal_number
    where r.id = ${id}
  `;
  return row;
}

/** Locks out other registrations of this key and of this pseudonym until the transaction ends: both may create rows that the other looks for. */
export async function lockRegistering(
  tx: Transaction,
  { vendorNumber, pseudonym, thumbprint }: { vendorNumber: bigint; pseudonym: string; thumbprint: string },
): Promise<void> {
  const names = [`taika key ${thumbprint}`, `taika pseudonym ${vendorNumber} ${pseudonym}`].sort();
  for (const name of names) {
    await tx`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
  }
}

/** A terminal with its key. */
export interface KeyedTerminalRow {
  readonly id: string;
  readonly number: bigint;
  readonly memberNumber: bigint;
  readonly role: TerminalRole;
  readonly state: 'active' | 'revoked';
  readonly publicKey: PublicJwk;
}

/** The terminal that holds a key. */
export async function findTerminalByKey(
  sql: SqlOrTransaction,
  thumbprint: string,
): Promise<KeyedTerminalRow | undefined> {
  const [row] = await sql<KeyedTerminalRow[]>`
    select t.id, t.number, t.member_number, t.role, t.state, k.public_key
    from terminal_key k
    join terminal t on t.number = k.terminal_number
    where k.thumbprint = ${thumbprint}
  `;
  return row;
}

/** The member whom a vendor calls by this pseudonym. */
export async function findMemberNumber(
  sql: SqlOrTransaction,
  vendorNumber: bigint,
  pseudonym: string,
): Promise<bigint | undefined> {
  const [row] = await sql<{ memberNumber: bigint }[]>`
    select member_number
    from pseudonym
    where vendor_number = ${vendorNumber}
      and pseudonym = ${pseudonym}
  `;
  return row?.memberNumber;
}

/** A new person. */
export async function insertMember(tx: Transaction, id: string, createdAt: Date): Promise<bigint> {
  const [row] = await tx<{ number: bigint }[]>`
    insert into member (id, created_at)
    values (${id}, ${createdAt})
    returning number
  `;
  return numberOf(row);
}

/** Lets a vendor call a member so; nothing happens when it does already. */
export async function insertPseudonym(
  tx: Transaction,
  row: { readonly vendorNumber: bigint; readonly pseudonym: string; readonly memberNumber: bigint },
): Promise<void> {
  await tx`
    insert into pseudonym (vendor_number, pseudonym, member_number)
    values (${row.vendorNumber}, ${row.pseudonym}, ${row.memberNumber})
    on conflict (vendor_number, pseudonym) do nothing
  `;
}

/** A new terminal with its key. */
export async function insertTerminal(
  tx: Transaction,
  terminal: {
    readonly id: string;
    readonly memberNumber: bigint;
    readonly role: TerminalRole;
    readonly name: string;
    readonly thumbprint: string;
    readonly publicKey: PublicJwk;
    readonly registeredAt: Date;
  },
): Promise<bigint> {
  const [row] = await tx<{ number: bigint }[]>`
    insert into terminal (id, member_number, role, name, registered_at)
    values (${terminal.id}, ${terminal.memberNumber}, ${terminal.role}, ${terminal.name}, ${terminal.registeredAt})
    returning number
  `;
  const number = numberOf(row);
  const { kty, crv, x } = terminal.publicKey;
  await tx`
    insert into terminal_key (thumbprint, terminal_number, public_key, added_at)
    values (${terminal.thumbprint}, ${number}, ${tx.json({ kty, crv, x })}, ${terminal.registeredAt})
  `;
  return number;
}

/** Stores a registration, with what its terminal had done of the day before it. Fails on `registration_open_once` when the terminal has this product already. */
export async function insertRegistration(
  tx: Transaction,
  row: {
    readonly id: string;
    readonly vendorNumber: bigint;
    readonly memberNumber: bigint;
    readonly terminalNumber: bigint;
    readonly pseudonym: string;
    readonly product: string;
    readonly kind: 'application' | 'service';
    readonly requestHash: Uint8Array;
    readonly registeredAt: Date;
  },
): Promise<void> {
  await tx`
    insert into registration
      (id, vendor_number, member_number, terminal_number, pseudonym, product, kind, request_hash, registered_at, began_work)
    values (
      ${row.id}, ${row.vendorNumber}, ${row.memberNumber}, ${row.terminalNumber}, ${row.pseudonym}, ${row.product},
      ${row.kind}, ${Buffer.from(row.requestHash)}, ${row.registeredAt},
      terminal_work_of_day(${row.terminalNumber}, ${row.registeredAt})
    )
  `;
}

/** Ends a registration unless it has ended before, and notes what its terminal did of the day until then; gives its first end. */
export async function endRegistrationRow(sql: SqlOrTransaction, id: string, endedAt: Date): Promise<Date> {
  const [row] = await sql<{ endedAt: Date }[]>`
    update registration
    set ended_at = coalesce(ended_at, ${endedAt}),
        ended_work = case when ended_at is null then terminal_work_of_day(terminal_number, ${endedAt}) else ended_work end
    where id = ${id}
    returning ended_at
  `;
  if (row === undefined) {
    throw new Error('A registration that was there is gone.');
  }
  return row.endedAt;
}

function numberOf(row: { readonly number: bigint } | undefined): bigint {
  if (row === undefined) {
    throw new Error('An insert returned no row.');
  }
  return row.number;
}
