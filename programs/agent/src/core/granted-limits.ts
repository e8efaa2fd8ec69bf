import { consentedOf, type RegistrationRecord } from './records.ts';
import type { WorkLimits } from './work/work-loop.ts';

/** The narrowest limits that the member agreed to, at most what this start asks for; undefined without a consent. */
export function grantedLimits(
  registrations: readonly RegistrationRecord[],
  { cores, memoryMiB }: WorkLimits,
): WorkLimits | undefined {
  const consents = consentedOf(registrations).flatMap(({ consent }) => consent ?? []);
  if (consents.length === 0) return undefined;
  return {
    cores: Math.min(cores, ...consents.map(({ limits }) => limits.cores)),
    memoryMiB: Math.min(memoryMiB, ...consents.map(({ limits }) => limits.memoryMiB)),
  };
}
