import type { JobSpecText } from '@taika/protocol/dispatch/jobs';
import { defaultUnitLimits, type UnitLimits } from '@taika/wasm/unit';

const pagesPerMiB = 16;

/** The bounds on each unit of a job: what its file says, else the defaults. The same on every terminal. */
export function unitLimitsOf({ limits }: Pick<JobSpecText, 'limits'>): UnitLimits {
  return {
    memoryPagesMax:
      limits?.memoryMiB === undefined ? defaultUnitLimits.memoryPagesMax : limits.memoryMiB * pagesPerMiB,
    outputBytesMax: limits?.outputBytes ?? defaultUnitLimits.outputBytesMax,
    logBytesMax: defaultUnitLimits.logBytesMax,
    durationMsMax: limits?.timeMs ?? defaultUnitLimits.durationMsMax,
  };
}
