/** Collects what arrives while a batch is in flight and flushes it as the next one. */
export interface Batcher<T, R> {
  /** Resolves with this item's result, or rejects with the failure of its batch. */
  push(item: T): Promise<R>;
  /** Resolves when everything pushed so far has been flushed, well or badly. */
  drain(): Promise<void>;
}

/** How `createBatcher` behaves. */
export interface BatcherOptions<T, R> {
  /** Handles a batch at once; must give one result per item, in the same order. */
  readonly flush: (items: T[]) => Promise<R[]>;
  /** Items in one batch at most; the rest waits for the next. */
  readonly itemsMax: number;
  /** Whether a failure may be the doing of one item alone. The batch's items are then flushed again one by one, so flushing twice must do no harm. */
  readonly isOfOneItem?: (error: unknown) => boolean;
}

/**
 * Creates a natural group commit: the first push schedules a flush for the end of the event loop's turn, everything pushed
 * while it is in flight forms the next batch. There is no timer, so a lone item is not delayed; one batch is in flight at a time.
 */
export function createBatcher<T, R>({
  flush,
  itemsMax,
  isOfOneItem = () => false,
}: BatcherOptions<T, R>): Batcher<T, R> {
  let waiting: Waiting<T, R>[] = [];
  let inFlight: Promise<void> | undefined;

  const flushAll = async () => {
    while (waiting.length > 0) {
      // Whoever was just answered may push again within this turn and so ride in the next batch.
      await nextTurn();
      const batch = waiting.slice(0, itemsMax);
      waiting = waiting.slice(itemsMax);
      await flushBatch(batch, { flush, isOfOneItem });
    }
    inFlight = undefined;
  };

  return {
    push(item) {
      return new Promise<R>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        inFlight ??= flushAll();
      });
    },
    async drain() {
      await inFlight;
    },
  };
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

async function flushBatch<T, R>(
  batch: Waiting<T, R>[],
  options: Required<Pick<BatcherOptions<T, R>, 'flush' | 'isOfOneItem'>>,
): Promise<void> {
  try {
    const results = await options.flush(batch.map(({ item }) => item));
    if (results.length !== batch.length) {
      throw new Error(`A batch of ${batch.length} items gave ${results.length} results.`);
    }
    for (const [index, { resolve }] of batch.entries()) {
      resolve(results[index] as R);
    }
  } catch (error) {
    if (batch.length > 1 && options.isOfOneItem(error)) {
      for (const one of batch) {
        await flushBatch([one], options);
      }
      return;
    }
    for (const { reject } of batch) {
      reject(error);
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
