import type { Sql } from '@taika/database/connect';
import { limits } from '@taika/protocol/limits';
import { pgArray } from '../pg-array.ts';

/**
 * Of these units, or of all that wait to go out again, those that no member's terminal is there for which did not have
 * them before, by their first: the reference executor takes what is left (TRUST.md, rule 5). A terminal is there that
 * called within the last minute and lends enough memory. After ten minutes nobody else is waited for: it may be there
 * for other work only.
 */
export async function listLastResort(
  sql: Sql,
  jobNumber: bigint,
  which: readonly { readonly firstUnit: number; readonly units: number }[] | 'reissued',
): Promise<Set<number>> {
  const places =
    which === 'reissued'
      ? sql`select first_unit, units from reissue where job_number = ${jobNumber}`
      : sql`
        select *
        from unnest(
          ${pgArray(which.map(({ firstUnit }) => firstUnit))}::text::int[],
          ${pgArray(which.map(({ units }) => units))}::text::int[]
        ) as place (first_unit, units)`;
  const rows = await sql<{ firstUnit: number }[]>`
    select place.first_unit
    from (${places}) place
    cross join lateral (
      select array_agg(h.member_number) as members, max(h.noted_at) as noted_at
      from unit_holder h
      where h.job_number = ${jobNumber}
        and h.first_unit > place.first_unit - ${limits.runUnitsMax}
        and h.first_unit < place.first_unit + place.units
        and h.first_unit + h.units > place.first_unit
    ) former
    where former.members is not null
      and (
        former.noted_at < now() - interval '10 minutes'
        or not exists (
          select
          from terminal_presence p
          join terminal t on t.number = p.terminal_number
          join consent c on c.terminal_number = t.number and c.withdrawn_at is null
          where t.role = 'member'
            and t.state = 'active'
            and p.state in ('computing', 'idle-no-work')
            and p.seen_at > now() - interval '1 minute'
            and t.member_number <> all(former.members)
            and c.memory_mib * 16 >= (select memory_pages from job where number = ${jobNumber})
        )
      )
    order by 1
    limit 16
  `;
  return new Set(rows.map(({ firstUnit }) => firstUnit));
}
