import type { Sql, SqlOrTransaction, Transaction } from '@taika/database/connect';
import { hourOfMonth, hoursOfMonth } from '@taika/protocol/license-evidence';
import type { ReasonText } from '@taika/protocol/schema';
import type { LicenseState } from './license.ts';
import type { OfflineUse } from './offline.ts';

/** A license with its product's policy. */
export interface LicenseRow {
  readonly id: string;
  readonly registrationId: string;
  readonly memberId: string;
  readonly product: string;
  readonly state: LicenseState;
  readonly reason: ReasonText | null;
  /** While it is suspended: the registration whose terminal it is for; null where that is not known. */
  readonly suspendedFor: string | null;
  /** How often that terminal had been let in again before. */
  readonly suspendedReentries: number | null;
  readonly keyHint: string;
  readonly windowDays: number;
  readonly pointsMilliMin: bigint;
  readonly devicesMax: number;
}

/** What the last receipt said; kept so that a license can be shown without asking again. */
export interface StoredReceipt {
  readonly committedMilli: string;
  readonly finalMilli: string;
  readonly forfeitedMilli: string;
  readonly state: string;
  readonly receivedAt: string;
}

/** A terminal on which a license is activated. */
export interface DeviceRow {
  readonly licenseId: string;
  readonly thumbprint: string;
  readonly registrationId: string;
  readonly receipt: StoredReceipt | null;
  /** How often the terminal was let in again, by the last receipt. */
  readonly reentries: number;
  readonly grantedAt: Date | null;
  readonly grantExpiresAt: Date | null;
  readonly offlineUntil: Date | null;
}

export async function insertLicense(
  tx: Transaction,
  row: {
    readonly id: string;
    readonly registrationId: string;
    readonly memberId: string;
    readonly product: string;
    readonly keyHash: string;
    readonly keyHint: string;
    readonly now: Date;
  },
): Promise<void> {
  await tx`
    insert into license (id, registration_id, member_id, product, key_hash, key_hint, created_at)
    values (
      ${row.id}, ${row.registrationId}, ${row.memberId}, ${row.product}, ${row.keyHash}, ${row.keyHint}, ${row.now}
    )
  `;
}

/** A key in place of one that nobody acknowledged. */
export async function replaceKey(
  tx: Transaction,
  row: { readonly id: string; readonly keyHash: string; readonly keyHint: string },
): Promise<void> {
  await tx`
    update license
    set key_hash = ${row.keyHash},
        key_hint = ${row.keyHint}
    where id = ${row.id}
  `;
}

/** Activates a license on a terminal; nothing happens where it is already. */
export async function bindDevice(
  tx: Transaction,
  row: {
    readonly licenseId: string;
    readonly thumbprint: string;
    readonly registrationId: string;
    readonly now: Date;
  },
): Promise<void> {
  await tx`
    insert into license_device (license_id, thumbprint, registration_id, activated_at)
    values (${row.licenseId}, ${row.thumbprint}, ${row.registrationId}, ${row.now})
    on conflict (license_id, thumbprint) do nothing
  `;
}

/** One license. */
export async function findLicense(sql: SqlOrTransaction, id: string): Promise<LicenseRow | undefined> {
  const [row] = await sql<LicenseRow[]>`
    select l.id, l.registration_id, l.member_id, l.product, l.state, l.reason, l.suspended_for,
           l.suspended_reentries, l.key_hint, p.window_days, p.points_milli_min, p.devices_max
    from license l
    join product p on p.name = l.product
    where l.id = ${id}
  `;
  return row;
}

/** The license that a key opens. */
export async function findLicenseByKey(
  sql: SqlOrTransaction,
  keyHash: string,
): Promise<LicenseRow | undefined> {
  const [row] = await sql<LicenseRow[]>`
    select l.id, l.registration_id, l.member_id, l.product, l.state, l.reason, l.suspended_for,
           l.suspended_reentries, l.key_hint, p.window_days, p.points_milli_min, p.devices_max
    from license l
    join product p on p.name = l.product
    where l.key_hash = ${keyHash}
  `;
  return row;
}

/** Lets one transaction at a time change a license and its devices. */
export async function lockLicense(tx: Transaction, id: string): Promise<LicenseRow | undefined> {
  await tx`
    select id
    from license
    where id = ${id}
    for update
  `;
  return findLicense(tx, id);
}

/** A license's device by its terminal. */
export async function findDevice(
  sql: SqlOrTransaction,
  licenseId: string,
  thumbprint: string,
): Promise<DeviceRow | undefined> {
  const [row] = await sql<DeviceRow[]>`
    select license_id, thumbprint, registration_id, receipt, reentries, granted_at, grant_expires_at, offline_until
    from license_device
    where license_id = ${licenseId}
      and thumbprint = ${thumbprint}
  `;
  return row;
}

/** How many terminals a license is activated on. */
export async function countDevices(sql: SqlOrTransaction, licenseId: string): Promise<number> {
  const [row] = await sql<{ devices: number }[]>`
    select count(*)::int as devices
    from license_device
    where license_id = ${licenseId}
  `;
  return row?.devices ?? 0;
}

/** Whose terminal a license is suspended for, and how often that one had been let in again. */
export interface Suspension {
  readonly registrationId: string;
  readonly reentries: number;
}

/** Writes the state that events left, and where it is another one, that it changed. Of one that has ended nothing is written. */
export async function writeLicenseState(
  tx: Transaction,
  row: {
    readonly id: string;
    readonly from: LicenseState;
    readonly state: LicenseState;
    readonly reason: ReasonText | undefined;
    /** Whose evidence it was. */
    readonly registrationId: string;
    readonly suspension: Suspension | undefined;
    readonly now: Date;
  },
): Promise<void> {
  const { id, from, state, suspension, now } = row;
  const reason = row.reason === undefined ? null : tx.json({ ...row.reason });
  await tx`
    update license
    set state = ${state},
        reason = ${reason},
        suspended_for = ${suspension?.registrationId ?? null},
        suspended_reentries = ${suspension?.reentries ?? null},
        revoked_at = case when ${state} = 'revoked' then coalesce(revoked_at, ${now}) else revoked_at end
    where id = ${id}
      and state <> 'ended'
  `;
  if (from !== state) {
    await tx`
      insert into license_event (license_id, at, from_state, to_state, reason, registration_id)
      values (${id}, ${now}, ${from}, ${state}, ${reason}, ${row.registrationId})
    `;
  }
}

/** A change of a license's state. */
export interface LicenseEventRow {
  readonly at: Date;
  readonly fromState: string;
  readonly toState: string;
  readonly reason: ReasonText | null;
}

/** The latest changes of a license's state, the oldest first. */
export async function listLicenseEvents(
  sql: SqlOrTransaction,
  licenseId: string,
  limit: number,
): Promise<LicenseEventRow[]> {
  const rows = await sql<LicenseEventRow[]>`
    select at, from_state, to_state, reason
    from license_event
    where license_id = ${licenseId}
    order by number desc
    limit ${limit}
  `;
  return [...rows].reverse();
}

/** Ends the license of a registration, its service sessions, and the registration's place on other licenses. */
export async function endLicense(tx: Transaction, registrationId: string, now: Date): Promise<void> {
  await tx`
    with changed as (
      select id, state
      from license
      where registration_id = ${registrationId}
        and state <> 'ended'
      for update
    ), ended as (
      update license
      set state = 'ended',
          reason = null,
          suspended_for = null,
          suspended_reentries = null,
          ended_at = ${now}
      from changed
      where license.id = changed.id
    )
    insert into license_event (license_id, at, from_state, to_state, registration_id)
    select id, ${now}, state, 'ended', ${registrationId}
    from changed
  `;
  await tx`
    delete from service_session
    where license_id in (select id from license where registration_id = ${registrationId})
  `;
  await tx`
    delete from offline_use o
    using license_device d
    where d.registration_id = ${registrationId}
      and o.license_id = d.license_id
      and o.thumbprint = d.thumbprint
  `;
  await tx`
    delete from license_device
    where registration_id = ${registrationId}
  `;
}

/** What the last receipt said. */
export async function writeReceipt(
  sql: SqlOrTransaction,
  row: {
    readonly licenseId: string;
    readonly thumbprint: string;
    readonly receipt: StoredReceipt;
    readonly reentries: number;
  },
): Promise<void> {
  await sql`
    update license_device
    set receipt = ${sql.json({ ...row.receipt })},
        reentries = ${row.reentries}
    where license_id = ${row.licenseId}
      and thumbprint = ${row.thumbprint}
  `;
}

/** What was granted, so that the next grant can count the time between. */
export async function writeGrant(
  tx: Transaction,
  row: {
    readonly licenseId: string;
    readonly thumbprint: string;
    readonly grantedAt: Date;
    readonly grantExpiresAt: Date;
    readonly offlineUntil: Date;
  },
): Promise<void> {
  await tx`
    update license_device
    set granted_at = ${row.grantedAt},
        grant_expires_at = ${row.grantExpiresAt},
        offline_until = ${row.offlineUntil}
    where license_id = ${row.licenseId}
      and thumbprint = ${row.thumbprint}
  `;
}

/** The stretches that a device went on alone, as far as they touch the window. */
export async function listOfflineUses(
  sql: SqlOrTransaction,
  { licenseId, thumbprint, from }: { licenseId: string; thumbprint: string; from: Date },
): Promise<readonly OfflineUse[]> {
  return await sql<OfflineUse[]>`
    select began_at, ended_at
    from offline_use
    where license_id = ${licenseId}
      and thumbprint = ${thumbprint}
      and ended_at > ${from}
  `;
}

export async function insertOfflineUse(
  tx: Transaction,
  { licenseId, thumbprint, use }: { licenseId: string; thumbprint: string; use: OfflineUse },
): Promise<void> {
  await tx`
    insert into offline_use (license_id, thumbprint, began_at, ended_at)
    values (${licenseId}, ${thumbprint}, ${use.beganAt}, ${use.endedAt})
    on conflict (license_id, thumbprint, began_at) do nothing
  `;
}

/**
 * The license was served and computed for in this hour. A month is its first registration's, whose hours alone are counted:
 * the contractor pays a license-month once, on one terminal's evidence.
 */
export async function noteLicenseHour(
  tx: Transaction,
  row: { readonly licenseId: string; readonly registrationId: string; readonly at: Date },
): Promise<void> {
  const hour = hourOfMonth(row.at);
  await tx`
    insert into license_month (license_id, month, registration_id, first_granted_at, hours)
    values (
      ${row.licenseId}, ${row.at.toISOString().slice(0, 'yyyy-mm'.length)}, ${row.registrationId}, ${row.at},
      set_bit(repeat('0', ${hoursOfMonth}::int)::bit(744), ${hour}::int, 1)
    )
    on conflict (license_id, month) do update
    set hours = set_bit(license_month.hours, ${hour}::int, 1)
    where license_month.registration_id = excluded.registration_id
      and get_bit(license_month.hours, ${hour}::int) = 0
  `;
}

/** The open registration of a terminal for a product: whose evidence counts when a license is activated there. */
export async function findConfirmedRegistrationId(
  sql: SqlOrTransaction,
  thumbprint: string,
  product: string,
): Promise<string | undefined> {
  const [row] = await sql<{ id: string }[]>`
    select id
    from registration
    where thumbprint = ${thumbprint}
      and product = ${product}
      and state not in ('requested', 'ended')
  `;
  return row?.id;
}

/** The contractor as it first presented itself. */
export async function findContractorKey(sql: Sql): Promise<{ name: string; publicKey: object } | undefined> {
  const [row] = await sql<{ name: string; publicKey: object }[]>`
    select name, public_key
    from contractor
  `;
  return row;
}

/** Keeps who the contractor is, unless that is known. */
export async function insertContractorKey(
  sql: Sql,
  row: {
    readonly name: string;
    readonly publicKey: { kty: string; crv: string; x: string };
    readonly now: Date;
  },
): Promise<void> {
  await sql`
    insert into contractor (name, public_key, first_seen_at)
    values (${row.name}, ${sql.json(row.publicKey)}, ${row.now})
    on conflict (only_one) do nothing
  `;
}
