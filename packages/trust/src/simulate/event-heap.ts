/** A priority queue of terminals by time, in typed arrays. A terminal may be in it more than once. */
export interface EventHeap {
  readonly size: number;
  push(at: number, terminal: number): void;
  /** Takes the earliest; its time is then `poppedAt`. Undefined when empty. */
  pop(): number | undefined;
  readonly poppedAt: number;
}

/** An empty queue that grows as needed. */
export function createEventHeap(): EventHeap {
  let times = new Float64Array(1024);
  let terminals = new Int32Array(1024);
  let size = 0;
  let poppedAt = 0;

  function grow(): void {
    const moreTimes = new Float64Array(times.length * 2);
    const moreTerminals = new Int32Array(terminals.length * 2);
    moreTimes.set(times);
    moreTerminals.set(terminals);
    times = moreTimes;
    terminals = moreTerminals;
  }

  return {
    get size() {
      return size;
    },
    get poppedAt() {
      return poppedAt;
    },
    push(at, terminal) {
      if (size === times.length) grow();
      let place = size++;
      while (place > 0) {
        const parent = (place - 1) >> 1;
        const parentAt = times[parent] ?? 0;
        if (parentAt <= at) break;
        times[place] = parentAt;
        terminals[place] = terminals[parent] ?? 0;
        place = parent;
      }
      times[place] = at;
      terminals[place] = terminal;
    },
    pop() {
      if (size === 0) return undefined;
      const top = terminals[0];
      poppedAt = times[0] ?? 0;
      size--;
      const at = times[size] ?? 0;
      const last = terminals[size] ?? 0;
      let place = 0;
      for (let child = 1; child < size; child = 2 * place + 1) {
        if (child + 1 < size && (times[child + 1] ?? 0) < (times[child] ?? 0)) child++;
        const childAt = times[child] ?? 0;
        if (childAt >= at) break;
        times[place] = childAt;
        terminals[place] = terminals[child] ?? 0;
        place = child;
      }
      times[place] = at;
      terminals[place] = last;
      return top;
    },
  };
}
