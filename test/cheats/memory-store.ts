import type { StateStore } from '@taika/agent/core/host';

/** An agent's memory that ends with the test. */
export function createMemoryStore(): StateStore {
  const documents = new Map<string, unknown>();
  return {
    read: async <T>(name: string) => structuredClone(documents.get(name)) as T | undefined,
    async update<T>(name: string, change: (before: T | undefined) => T | undefined) {
      const after = change(structuredClone(documents.get(name)) as T | undefined);
      if (after === undefined) documents.delete(name);
      else documents.set(name, after);
    },
    appendLog: async () => {},
    async *readLog() {},
    clear: async () => {},
  };
}
