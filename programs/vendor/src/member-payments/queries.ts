import type { Transaction } from '@taika/database/connect';

/** Locks a member, forgotten or not; false when there is none. */
export async function lockMember(tx: Transaction, memberId: string): Promise<boolean> {
  const rows = await tx`
    select
    from member
    where id = ${memberId}
    for no key update
  `;
  return rows.length > 0;
}
