import type { JobBriefText } from '@taika/protocol/dispatch/cycle';
import { limits } from '@taika/protocol/limits';
import type { JobId } from '@taika/protocol/schema';
import { defaultUnitLimits } from '@taika/wasm/unit';
import { signBlobUrl } from '../blobs/signed-url.ts';
import type { DispatchContext } from '../context.ts';
import type { JobDetails } from '../jobs/job-catalogue.ts';

/** An agent fetches program and files when it learns of the job; asked again, it gets new addresses. */
const urlMs = 60 * 60_000;

/** What an agent must know of a job to compute its units. */
export function jobBrief(job: JobDetails, { clock, publicUrl, secrets }: DispatchContext): JobBriefText {
  const { spec, artefact } = job;
  const until = new Date(clock.now().getTime() + urlMs);
  const urlOf = (sha256: string) =>
    signBlobUrl(sha256, until, { baseUrl: publicUrl(), secret: secrets.signedUrl });
  return {
    jobId: job.id as JobId,
    description: spec.description ?? spec.name,
    programHash: spec.program,
    artefact: { url: urlOf(artefact.sha256), ...artefact },
    seed: spec.seed ?? '0',
    round: job.round,
    unitCount: job.unitCount,
    args: spec.args ?? [],
    env: spec.env ?? {},
    files: (spec.files ?? []).map((file) => ({ ...file, url: urlOf(file.sha256) })),
    header: Buffer.from(job.header).toString('base64'),
    limits: {
      memoryPagesMax: job.memoryPages,
      outputBytesMax: spec.limits?.outputBytes ?? defaultUnitLimits.outputBytesMax,
      logBytesMax: Math.min(limits.stderrBytesMax, defaultUnitLimits.logBytesMax),
      durationMsMax: spec.limits?.timeMs ?? defaultUnitLimits.durationMsMax,
    },
  };
}
