import { unitLimitsOf } from '@taika/job/unit-limits';
import type { OpenSandbox, Sandbox } from '@taika/runner/sandbox';
import { admitProgram } from '@taika/wasm/admit';
import { rewriteProgram } from '@taika/wasm/rewrite';
import type { JobEnvironment } from '@taika/wasm/unit';
import type { PreparedJob } from '../job/prepared-job.ts';

/**
 * One sandbox for each program of a job, opened when it is first wanted and kept for the rounds to come: a new process
 * a round would cost more than most rounds. The program is what terminals run, metered with the job's limits.
 */
export class LocalSandboxes implements AsyncDisposable {
  readonly #job: PreparedJob;
  readonly #parallel: number;
  readonly #openSandbox: OpenSandbox;
  readonly #sandboxes = new Map<string, Sandbox>();

  /** `parallel`: units computed at a time. */
  constructor(
    job: PreparedJob,
    { parallel, openSandbox }: { readonly parallel: number; readonly openSandbox: OpenSandbox },
  ) {
    this.#job = job;
    this.#parallel = parallel;
    this.#openSandbox = openSandbox;
  }

  /** The program's sandbox, which shows `environment` to the units to come. Throws `AdmissionError`. */
  async open(environment: JobEnvironment): Promise<Sandbox> {
    const { programHash, unitCount } = environment;
    const known = this.#sandboxes.get(programHash);
    if (known !== undefined) {
      known.renew(environment);
      return known;
    }
    const hasRounds = this.#job.spec.rounds !== undefined;
    const isNext = programHash === this.#job.spec.rounds?.next;
    const sandbox = await this.#openSandbox({
      // Somebody waits for it.
      priority: 'ordinary',
      artefact: await this.artefact(programHash),
      limits: unitLimitsOf(this.#job.spec),
      // Later rounds may have more units than the first.
      parallel: hasRounds && !isNext ? this.#parallel : Math.min(this.#parallel, unitCount),
      job: environment,
    });
    this.#sandboxes.set(programHash, sandbox);
    return sandbox;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#sandboxes.values()].map((sandbox) => sandbox[Symbol.asyncDispose]()));
  }

  /** A program as terminals run it. */
  async artefact(programHash: string): Promise<Uint8Array> {
    const source = this.#job.programs.get(programHash);
    if (source === undefined) throw new Error(`The job has no program ${programHash}.`);
    const { bytes } = rewriteProgram(admitProgram(await source.read(0, source.bytes)), {
      artefact: this.#job.spec.artefact ?? 'fast',
      memoryPagesMax: unitLimitsOf(this.#job.spec).memoryPagesMax,
    });
    return bytes;
  }
}
