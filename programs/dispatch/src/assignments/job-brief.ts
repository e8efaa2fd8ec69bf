import type { JobBriefText } from '@taika/protocol/dispatch/cycle';
import { limits } from '@taika/protocol/limits';
import type { JobId } from '@taika/protocol/schema';
import { defaultUnitLimits } from '@taika/wasm/unit';
import type { JobDetails } from '../jobs/job-catalogue.ts';
import type { TerminalRole } from '../terminals/standing.ts';
import type { WorkContext } from '../work-context.ts';

/** An agent fetches program and files when it learns of the job; asked again, it gets new addresses. */
const urlMs = 60 * 60_000;

/** What an agent must know of a job to compute its units. */
export async function jobBrief(
  job: JobDetails,
  { context, blobs }: WorkContext,
  role: TerminalRole,
): Promise<JobBriefText> {
  const { spec, artefact, judgingForms } = job;
  const until = new Date(context.clock.now().getTime() + urlMs);
  const urlOf = (sha256: string) => blobs.urlOf(sha256, until);
  return {
    jobId: job.id as JobId,
    description: spec.description ?? spec.name,
    programHash: spec.program,
    artefact: { url: await urlOf(artefact.sha256), ...artefact },
    ...(role === 'reference' && judgingForms.length > 0
      ? {
          judgingForms: await Promise.all(
            judgingForms.map(async (form) => ({ url: await urlOf(form.sha256), ...form })),
          ),
        }
      : {}),
    seed: spec.seed ?? '0',
    round: job.round,
    unitCount: job.unitCount,
    args: spec.args ?? [],
    env: spec.env ?? {},
    files: await Promise.all(
      (spec.files ?? []).map(async (file) => ({ ...file, url: await urlOf(file.sha256) })),
    ),
    header: Buffer.from(job.header).toString('base64'),
    ...(job.trailer.length === 0 ? {} : { trailer: Buffer.from(job.trailer).toString('base64') }),
    limits: {
      memoryPagesMax: job.memoryPages,
      outputBytesMax: spec.limits?.outputBytes ?? defaultUnitLimits.outputBytesMax,
      logBytesMax: Math.min(limits.stderrBytesMax, defaultUnitLimits.logBytesMax),
      durationMsMax: spec.limits?.timeMs ?? defaultUnitLimits.durationMsMax,
    },
  };
}
