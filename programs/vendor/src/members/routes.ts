import { readPageRequest, toPage } from '@taika/http/page';
import type { Pseudonym } from '@taika/protocol/schema';
import { listMembers } from '@taika/protocol/vendor/licenses';
import type { VendorRouter } from '../access/router.ts';
import type { VendorContext } from '../context.ts';
import { toRegistrationText } from '../registrations/register-member.ts';
import { listMemberRows, listRegistrationsOf } from './queries.ts';

/** The user database, for its operator. */
export function registerMemberRoutes(declare: VendorRouter, context: VendorContext): void {
  declare(listMembers, async ({ query }) => {
    const page = readPageRequest(query);
    const members = await listMemberRows(context.sql, page);
    const registrations = await listRegistrationsOf(
      context.sql,
      members.map(({ id }) => id),
    );
    return toPage(members, page, ({ id, name, contact, registeredAt }) => ({
      pseudonym: id as Pseudonym,
      name: name ?? '',
      contact: contact ?? '',
      registrations: registrations
        .filter(({ memberId }) => memberId === id)
        .map((registration) => toRegistrationText(registration)),
      registeredAt,
    }));
  });
}
