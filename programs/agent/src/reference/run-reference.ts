import { contractorKeyOf } from '../core/contractor-key.ts';
import { createDispatchCalls } from '../core/dispatch-calls.ts';
import type { Host } from '../core/host.ts';
import { startWorkLoop, type WorkLimits } from '../core/work/work-loop.ts';
import type { WorkView } from '../core/work/work-view.ts';

export interface ReferenceOptions {
  readonly dispatchUrl: string;
  readonly limits: WorkLimits;
}

/** A running reference executor: disposing reports what is finished and gives the rest back. */
export interface RunningReference extends AsyncDisposable {
  view(): WorkView;
  /** Resolves when the dispatch server has answered it for the first time. */
  readonly answered: Promise<void>;
}

/**
 * The contractor's own terminal whose word decides (docs/TRUST.md). It computes what it is given by the same cycle and
 * in the same sandbox as every member's, so that a difference is never one of the programs'. It has no license, asks
 * nobody for consent, and has no manners: the machine is the contractor's.
 */
export function runReference(host: Host, { dispatchUrl, limits }: ReferenceOptions): RunningReference {
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  let told: string | undefined;
  const work = startWorkLoop({
    host,
    dispatch: createDispatchCalls(host, dispatchUrl),
    dispatchUrl,
    contractorKey: contractorKeyOf(host, dispatchUrl),
    limits,
    changed() {
      const reason = work.view().reason;
      // Each reason once: nothing to do is the usual state of a reference executor.
      if (reason?.code !== told && reason !== undefined && reason.code !== 'no-work')
        host.log.warn({ code: reason.code }, `${reason.sentence} ${reason.remedy}`);
      told = reason?.code;
    },
    drained: () => {},
    called(isAnswered) {
      if (isAnswered) resolve();
    },
  });
  work.setMode('computing');
  return { answered, view: () => work.view(), [Symbol.asyncDispose]: () => work[Symbol.asyncDispose]() };
}
