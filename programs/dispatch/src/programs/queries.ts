import type { SqlOrTransaction } from '@taika/database/connect';
import type { Form } from '@taika/wasm/rewrite';

/** A form of a program that terminals run, or that only judges. */
export interface ArtefactRow {
  readonly kind: Form;
  readonly sha256: string;
  readonly bytes: bigint;
  /** The contractor's token over program, artefact, kind and cost table. */
  readonly signature: string;
}

/** The version of the cost table that a program was admitted under; undefined when it was not. */
export async function findProgram(
  sql: SqlOrTransaction,
  sha256: string,
): Promise<{ readonly costTable: number } | undefined> {
  const [row] = await sql<{ costTable: number }[]>`
    select cost_table
    from program
    where sha256 = ${sha256}
  `;
  return row;
}

/** The forms of a program with this bound on its memory; none when it was not rewritten for it yet. */
export function listArtefacts(
  sql: SqlOrTransaction,
  { program, memoryPages }: { readonly program: string; readonly memoryPages: number },
): Promise<ArtefactRow[]> {
  return sql<ArtefactRow[]>`
    select kind, sha256, bytes, signature
    from program_artefact
    where program_sha256 = ${program}
      and memory_pages = ${memoryPages}
    order by kind
  `;
}

/** Records an admission. Another replica may have been first; both wrote the same. */
export async function insertProgram(
  sql: SqlOrTransaction,
  { sha256, costTable, now }: { readonly sha256: string; readonly costTable: number; readonly now: Date },
): Promise<void> {
  await sql`
    insert into program (sha256, cost_table, admitted_at)
    values (${sha256}, ${costTable}, ${now})
    on conflict (sha256) do nothing
  `;
}

/** Records one rewritten form. */
export async function insertArtefact(
  sql: SqlOrTransaction,
  {
    program,
    memoryPages,
    kind,
    sha256,
    bytes,
    signature,
  }: ArtefactRow & {
    readonly program: string;
    readonly memoryPages: number;
  },
): Promise<void> {
  await sql`
    insert into program_artefact (program_sha256, memory_pages, kind, sha256, bytes, signature)
    values (${program}, ${memoryPages}, ${kind}, ${sha256}, ${bytes}, ${signature})
    on conflict (program_sha256, memory_pages, kind) do nothing
  `;
}

/** Whether all of these programs are admitted. */
export async function areAdmitted(sql: SqlOrTransaction, programs: readonly string[]): Promise<boolean> {
  const wanted = [...new Set(programs)];
  const rows = await sql`
    select
    from program
    where sha256 = any(${wanted}::text[])
  `;
  return rows.length === wanted.length;
}
