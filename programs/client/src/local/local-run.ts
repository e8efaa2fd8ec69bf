import { openProgramIn } from '@taika/job/open-program-in';
import { hasPhases, type Phase, phaseSpec, placeText, stateFileName } from '@taika/job/phases';
import type { OpenProgram } from '@taika/job/program-runner';
import type { BlobSource } from '../job/blob-source.ts';
import type { PreparedJob } from '../job/prepared-job.ts';
import { computePhase, type LocalPhase } from './compute-phase.ts';
import type { LocalHost } from './local-host.ts';
import { LocalSandboxes } from './local-sandboxes.ts';

export interface LocalRunOptions {
  /** Units computed at a time. */
  readonly parallel: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LocalProgress) => void;
}

export interface LocalProgress {
  /** Units of the phase under way; of all phases when the job is over. */
  readonly unitsDone: number;
  readonly unitsTotal: number;
  /** Fuel of all units so far. */
  readonly fuel: bigint;
  /** Where a job with stages or rounds is. */
  readonly phase: Phase | undefined;
  /** True when the job ended because it may have no more rounds. */
  readonly isCut: boolean;
}

/** What all phases of a local run share: sandboxes, files and the count of what was done. */
export class LocalRun implements AsyncDisposable {
  readonly #job: PreparedJob;
  readonly #options: LocalRunOptions;
  readonly #host: LocalHost;
  readonly #sandboxes: LocalSandboxes;
  #files: Promise<Map<string, Uint8Array>> | undefined;
  #unitsBefore = 0;
  #progress: LocalProgress = {
    unitsDone: 0,
    unitsTotal: 0,
    fuel: 0n,
    phase: undefined,
    isCut: false,
  };

  constructor(job: PreparedJob, options: LocalRunOptions, host: LocalHost) {
    this.#job = job;
    this.#options = options;
    this.#host = host;
    this.#sandboxes = new LocalSandboxes(job, { parallel: options.parallel, openSandbox: host.openSandbox });
  }

  /** The merged result of a phase, computed as it is read. What is thrown says in which phase. */
  async *compute(phase: Phase, input: BlobSource | undefined, state: BlobSource): AsyncGenerator<Uint8Array> {
    const { spec } = this.#job;
    try {
      const { parallel, signal } = this.#options;
      yield* computePhase(await this.open(phase, input, state), {
        parallel,
        signal,
        onSplit: (unitsTotal) =>
          this.#report({ unitsDone: 0, unitsTotal, phase: hasPhases(spec) ? phase : undefined }),
        onUnit: (fuel) =>
          this.#report({
            unitsDone: this.#progress.unitsDone + 1,
            fuel: this.#progress.fuel + fuel,
          }),
      });
      this.#unitsBefore += this.#progress.unitsTotal;
    } catch (error) {
      if (error instanceof Error && hasPhases(spec)) {
        error.message = `${error.message} ${placeText(spec, phase)}`;
      }
      throw error;
    }
  }

  /** A phase that is ready to be computed, or sampled. */
  async open(phase: Phase, input: BlobSource | undefined, state: BlobSource): Promise<LocalPhase> {
    const spec = phaseSpec(this.#job.spec, phase, { input: input && refOf(input), state: refOf(state) });
    const { round } = phase;
    const { signal } = this.#options;
    const files = await this.#filesOf(phase, state);
    const openProgram: OpenProgram = async (sha256) => {
      const artefact = await this.#sandboxes.artefact(sha256);
      return openProgramIn(this.#host.openSandbox, { spec, sha256, round, artefact, files, signal });
    };
    const openSandbox: LocalPhase['openSandbox'] = (environment) => this.#sandboxes.open(environment);
    return { spec, round, input, files, openProgram, openSandbox };
  }

  /** Units of the phase that was computed last. */
  get unitsOfPhase(): number {
    return this.#progress.unitsTotal;
  }

  /** The last word: what all phases together took. */
  end(isCut = false): LocalProgress {
    this.#report({ unitsDone: this.#unitsBefore, unitsTotal: this.#unitsBefore, isCut });
    return this.#progress;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#sandboxes[Symbol.asyncDispose]();
  }

  #report(more: Partial<LocalProgress>): void {
    this.#progress = { ...this.#progress, ...more };
    this.#options.onProgress?.(this.#progress);
  }

  async #filesOf({ kind }: Phase, state: BlobSource): Promise<ReadonlyMap<string, Uint8Array>> {
    this.#files ??= readFiles(this.#job.files);
    const files = await this.#files;
    return kind !== 'next' ? files : new Map([...files, [stateFileName, await readWhole(state)]]);
  }
}

function refOf({ sha256, bytes }: BlobSource) {
  return { sha256, bytes };
}

async function readFiles(sources: ReadonlyMap<string, BlobSource>): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const [name, source] of sources) files.set(name, await readWhole(source));
  return files;
}

function readWhole(source: BlobSource): Promise<Uint8Array> {
  return source.read(0, source.bytes);
}
