/**
 * Turns an admitted program into what terminals run: the same program, counting its work, with a bounded memory and, as
 * `strict`, with the bits of NaN made equal on every machine. Same program and options, same bytes.
 *
 * What is inserted for counting and for NaN is never charged: weights are those of the original instructions, so `fast`
 * and `strict` report equal fuel.
 */
import { AdmissionError, limitExceeded } from './admission-error.ts';
import { costTableVersion } from './cost-table.ts';
import { BranchHints } from './encoding/branch-hints.ts';
import { planLayout } from './encoding/layout.ts';
import { writeModule } from './encoding/module.ts';
import { planMetering } from './metering/plan-metering.ts';
import { planNan } from './nan/plan-nan.ts';
import type { AdmittedProgram } from './program.ts';
import { fuelExport } from './reserved.ts';

/**
 * `fast`: metered. `strict`: metered, and NaN made canonical wherever its bits could be seen. They differ only in
 * programs that have such a place.
 */
export type Artefact = 'fast' | 'strict';

export interface RewriteOptions {
  readonly artefact: Artefact;
  /** Most pages of 64 KiB that the memory may reach; a lower maximum of the program's own stays. */
  readonly memoryPagesMax: number;
  /**
   * Fuel after which the program is stopped by `unreachable`. Absent means no cap, which is faster: a cap costs about a
   * fifth in loops. When the global of `fuelExport` is above this after a trap, the cap was the reason.
   */
  readonly fuelPerUnitMax?: bigint | undefined;
}

export interface RewrittenProgram {
  readonly bytes: Uint8Array;
  readonly artefact: Artefact;
  /** The version of the weights that its fuel is counted in. */
  readonly costTableVersion: number;
  /** Places where the bits of a NaN could be seen. 0 means that `fast` and `strict` are the same program. */
  readonly nanSinks: number;
  /** Name of the exported fuel counter. */
  readonly fuelExport: string;
}

/** Rewrites a program. Throws `AdmissionError` when its memory starts larger than the options allow. */
export function rewriteProgram(program: AdmittedProgram, options: RewriteOptions): RewrittenProgram {
  checkMemory(program, options.memoryPagesMax);
  const plan = planMetering(program, options.fuelPerUnitMax !== undefined);
  const nan = planNan(program);
  const layout = planLayout(program, options.memoryPagesMax, options.fuelPerUnitMax);
  const hints = new BranchHints();
  const strict = options.artefact === 'strict';
  const bytes = writeModule({ program, plan, nan: strict ? nan : undefined, layout, hints });
  return { bytes, artefact: options.artefact, costTableVersion, nanSinks: nan.edits.length, fuelExport };
}

function checkMemory(program: AdmittedProgram, memoryPagesMax: number): void {
  if (!Number.isInteger(memoryPagesMax) || memoryPagesMax < 0 || memoryPagesMax > 65_536) {
    throw new AdmissionError(
      'limit-exceeded',
      'A memory has between 0 and 65,536 pages.',
      'Correct memoryPagesMax.',
    );
  }
  const pages = program.memory?.pagesMin ?? 0;
  if (pages > memoryPagesMax) {
    throw limitExceeded(
      'pages of memory at its start',
      pages,
      memoryPagesMax,
      "Raise the job's memory limit.",
    );
  }
}
