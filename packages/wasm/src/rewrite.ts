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
import { nanChoices } from './encoding/canonical-nan.ts';
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

/** An artefact, or a form that only judges: as `strict`, with another NaN (encoding/canonical-nan.ts). */
export type Form = Artefact | 'positive' | 'negative' | 'mixed';

export interface RewriteOptions {
  readonly artefact: Form;
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
  readonly artefact: Form;
  /** The version of the weights that its fuel is counted in. */
  readonly costTableVersion: number;
  /** Places where the bits of a NaN could be seen. 0 means that `fast` and `strict` are the same program. */
  readonly nanSinks: number;
  /** Name of the exported fuel counter. */
  readonly fuelExport: string;
}

/** Rewrites a program. Throws `AdmissionError` when its memory starts larger than the options allow. */
export function rewriteProgram(program: AdmittedProgram, options: RewriteOptions): RewrittenProgram {
  return prepareRewrite(program, options)(options.artefact);
}

/** All forms of a program: `fast`, and, where the bits of a NaN could be seen, every other. Throws as `rewriteProgram`. */
export function rewriteForms(
  program: AdmittedProgram,
  options: Omit<RewriteOptions, 'artefact'>,
): RewrittenProgram[] {
  const write = prepareRewrite(program, options);
  const fast = write('fast');
  return fast.nanSinks === 0 ? [fast] : [fast, ...otherForms.map(write)];
}

const otherForms = ['strict', 'positive', 'negative', 'mixed'] as const satisfies readonly Form[];

/** What all forms have in common is planned once. */
function prepareRewrite(
  program: AdmittedProgram,
  options: Omit<RewriteOptions, 'artefact'>,
): (artefact: Form) => RewrittenProgram {
  checkMemory(program, options.memoryPagesMax);
  const plan = planMetering(program, options.fuelPerUnitMax !== undefined);
  const nan = planNan(program);
  const layout = planLayout(program, options.memoryPagesMax, options.fuelPerUnitMax);
  return (artefact) => {
    const choice =
      artefact === 'fast'
        ? { nan: undefined, nanAt: nanChoices.strict }
        : { nan, nanAt: nanChoices[artefact] };
    const bytes = writeModule({ program, plan, ...choice, layout, hints: new BranchHints() });
    return { bytes, artefact, costTableVersion, nanSinks: nan.edits.length, fuelExport };
  };
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
