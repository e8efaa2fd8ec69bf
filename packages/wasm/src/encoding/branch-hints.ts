import { IntList } from '../growable.ts';
import { ByteWriter } from './byte-writer.ts';

/**
 * Tells the engine which of the branches that we insert are never taken, so that it moves what is behind them out of
 * the way: the custom section `metadata.code.branch_hint`. Engines that do not know it ignore it; V8 gains a tenth in
 * float loops.
 */
export class BranchHints {
  readonly #functions = new IntList();
  /** By function with hints: index of its first offset. */
  readonly #first = new IntList();
  readonly #offsets = new IntList();
  #function = 0;

  /** What follows is about this function, by its index in the module. Functions come in order. */
  beginFunction(index: number): void {
    this.#function = index;
  }

  /** The `if` at this offset, from the start of its function's locals, is almost never entered. */
  unlikely(offset: number): void {
    const known = this.#functions.length;
    if (known === 0 || this.#functions.at(known - 1) !== this.#function) {
      this.#functions.push(this.#function);
      this.#first.push(this.#offsets.length);
    }
    this.#offsets.push(offset);
  }

  /** Writes the section, which must stand right before the code; nothing when there are no hints. */
  writeSection(out: ByteWriter): void {
    if (this.#offsets.length === 0) return;
    const content = new ByteWriter(64 + 6 * this.#offsets.length);
    content.name('metadata.code.branch_hint');
    content.u32(this.#functions.length);
    for (let k = 0; k < this.#functions.length; k++) {
      const end = k + 1 < this.#first.length ? this.#first.at(k + 1) : this.#offsets.length;
      content.u32(this.#functions.at(k));
      content.u32(end - this.#first.at(k));
      for (let hint = this.#first.at(k); hint < end; hint++) {
        content.u32(this.#offsets.at(hint));
        content.byte(hintBytes);
        content.byte(unlikelyHint);
      }
    }
    out.byte(customSection);
    out.u32(content.length);
    out.append(content);
  }
}

const customSection = 0;
const hintBytes = 1;
const unlikelyHint = 0;
