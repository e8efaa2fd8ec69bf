import type { Sql } from '@taika/database/connect';
import type { PageRequest } from '@taika/http/page';
import type { ReasonText } from '@taika/protocol/schema';
import type { RegistrationState } from '../registrations/registration.ts';

/** A member as its row has it; name and contact are null once forgotten. */
export interface MemberRow {
  readonly id: string;
  readonly number: bigint;
  readonly name: string | null;
  readonly contact: string | null;
  readonly registeredAt: Date;
}

/** A registration as a list of members shows it. */
export interface MemberRegistrationRow {
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
  readonly licenseId: string | null;
  readonly keyHint: string | null;
}

/** Members, newest first. */
export async function listMemberRows(
  sql: Sql,
  { before, limit }: PageRequest,
): Promise<readonly MemberRow[]> {
  return await sql<MemberRow[]>`
    select id, number, name, contact, registered_at
    from member
    where number < ${before}
    order by number desc
    limit ${limit + 1}
  `;
}

/** The registrations of these members, oldest first. */
export async function listRegistrationsOf(
  sql: Sql,
  memberIds: readonly string[],
): Promise<readonly MemberRegistrationRow[]> {
  return await sql<MemberRegistrationRow[]>`
    select r.id, r.number, r.member_id, r.thumbprint, r.product, r.kind, r.state, r.request_hash, null as proof,
           r.problem, r.attempts, r.ending_due, l.id as license_id, l.key_hint
    from registration r
    left join license l on l.registration_id = r.id
    where r.member_id = any (${[...memberIds]}::uuid[])
    order by r.number
  `;
}
