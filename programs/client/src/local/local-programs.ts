import { unitLimitsOf } from '@taika/job/unit-limits';
import { admitProgram } from '@taika/wasm/admit';
import { rewriteProgram } from '@taika/wasm/rewrite';
import type { PreparedJob } from '../job/prepared-job.ts';

/** The programs of a job as terminals run them, each made once however many rounds there are. Throws `AdmissionError`. */
export class LocalPrograms {
  readonly #job: PreparedJob;
  readonly #artefacts = new Map<string, Promise<Uint8Array>>();

  constructor(job: PreparedJob) {
    this.#job = job;
  }

  artefact(sha256: string): Promise<Uint8Array> {
    let artefact = this.#artefacts.get(sha256);
    if (artefact === undefined) {
      artefact = this.#rewrite(sha256);
      this.#artefacts.set(sha256, artefact);
    }
    return artefact;
  }

  async #rewrite(sha256: string): Promise<Uint8Array> {
    const source = this.#job.programs.get(sha256);
    if (source === undefined) throw new Error(`The job has no program ${sha256}.`);
    const { bytes } = rewriteProgram(admitProgram(await source.read(0, source.bytes)), {
      artefact: this.#job.spec.artefact ?? 'fast',
      memoryPagesMax: unitLimitsOf(this.#job.spec).memoryPagesMax,
    });
    return bytes;
  }
}
