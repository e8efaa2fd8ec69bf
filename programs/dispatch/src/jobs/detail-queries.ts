import type { SqlOrTransaction } from '@taika/database/connect';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import type { TrustLevelName } from '@taika/trust/trust-level';
import type { JobArtefact } from './job-catalogue.ts';

/** What terminals are told of a job, and what identifies its results; undefined before it is split. */
export async function readJobDetails(sql: SqlOrTransaction, jobNumber: bigint) {
  const [row] = await sql<
    {
      number: bigint;
      id: string;
      spec: JobSpecText;
      header: Uint8Array;
      trailer: Uint8Array;
      unitCount: number;
      copies: number;
      trust: TrustLevelName | null;
      memoryPages: number;
      round: number;
      artefactKind: 'fast' | 'strict';
      artefactSha256: string;
      artefactBytes: bigint;
      signature: string;
      costTable: number;
      judgingForms: JobArtefact[];
    }[]
  >`
    select job.number, job.id, job.spec, job.header, job.trailer, job.unit_count, job_cursor.copies, job_cursor.trust,
           job.memory_pages, job.round, job.artefact_kind,
           program_artefact.sha256 as artefact_sha256, program_artefact.bytes as artefact_bytes,
           program_artefact.signature, program.cost_table,
           (
             select coalesce(
               jsonb_agg(
                 jsonb_build_object('kind', kind, 'sha256', sha256, 'bytes', bytes, 'signature', signature) order by kind
               ),
               '[]'
             )
             from program_artefact form
             where form.program_sha256 = program.sha256
               and form.memory_pages = job.memory_pages
               and form.kind <> 'fast'
           ) as judging_forms
    from job
    join job_cursor on job_cursor.job_number = job.number
    join program on program.sha256 = job.spec ->> 'program'
    join program_artefact
      on program_artefact.program_sha256 = program.sha256
      and program_artefact.memory_pages = job.memory_pages
      and program_artefact.kind = job.artefact_kind
    where job.number = ${jobNumber}
  `;
  return row;
}
