import { contractorKeyOf } from '../core/contractor-key.ts';
import { createDispatchCalls, type OwnRole } from '../core/dispatch-calls.ts';
import type { Host } from '../core/host.ts';
import { startWorkLoop, type WorkLimits, type WorkLoop } from '../core/work/work-loop.ts';
import type { WorkView } from '../core/work/work-view.ts';

export interface ReferenceOptions {
  readonly dispatchUrl: string;
  readonly limits: WorkLimits;
}

/** A running terminal of the contractor's own: disposing reports what is finished and gives the rest back. */
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
export function runReference(host: Host, options: ReferenceOptions): RunningReference {
  return startOwn(host, { ...options, role: 'reference' }).running;
}

/** What differs between the contractor's own terminals: what they are for, and what is done after each change. */
interface OwnOptions extends ReferenceOptions {
  readonly role: OwnRole;
  readonly changed?: (work: WorkLoop) => void;
  readonly drained?: (work: WorkLoop) => void;
}

/** Starts one. Its key must be that of its role: else nothing is asked for and nothing handed in. */
export function startOwn(
  host: Host,
  { dispatchUrl, limits, role, changed = () => {}, drained = () => {} }: OwnOptions,
): { readonly running: RunningReference; readonly work: WorkLoop } {
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  let told: string | undefined;
  const work: WorkLoop = startWorkLoop({
    host,
    dispatch: createDispatchCalls(host, dispatchUrl, { role }),
    dispatchUrl,
    contractorKey: contractorKeyOf(host, dispatchUrl),
    limits,
    changed() {
      const reason = work.view().reason;
      // Each reason once: nothing to do is the usual state of such a terminal.
      if (reason?.code !== told && reason !== undefined && reason.code !== 'no-work')
        host.log.warn({ code: reason.code }, `${reason.sentence} ${reason.remedy}`);
      told = reason?.code;
      changed(work);
    },
    drained: () => drained(work),
    called(isAnswered) {
      if (isAnswered) resolve();
    },
  });
  work.setMode('computing');
  const running = {
    answered,
    view: () => work.view(),
    [Symbol.asyncDispose]: () => work[Symbol.asyncDispose](),
  };
  return { running, work };
}
