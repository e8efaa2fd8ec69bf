/** The nodes of the values on the operand stack, in step with it; of integers, `neutral`. */
export class NodeStack {
  height = 0;
  #items = new Int32Array(1024);

  push(node: number): void {
    if (this.height === this.#items.length) {
      const grown = new Int32Array(2 * this.height);
      grown.set(this.#items);
      this.#items = grown;
    }
    this.#items[this.height++] = node;
  }

  pop(): number {
    return this.#items[--this.height] as number;
  }

  /** The value so many places from the top: 1 is the top. */
  peek(back: number): number {
    return this.#items[this.height - back] as number;
  }

  at(index: number): number {
    return this.#items[index] as number;
  }

  /** A copy of what is above a height. */
  slice(from: number): Int32Array {
    return this.#items.slice(from, this.height);
  }

  replace(from: number, nodes: Int32Array): void {
    this.#items.set(nodes, from);
  }
}
