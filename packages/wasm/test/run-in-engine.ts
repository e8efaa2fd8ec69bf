/** How a run ended, what it wrote and left in memory, and its fuel when it has not trapped. */
export interface RunResult {
  readonly end: string;
  readonly memory: string;
  readonly output: string;
  readonly fuel: string;
}

/**
 * Runs commands in the engine around it, with just enough of WASI to write. It uses nothing from outside itself, so that
 * its text can be sent into a browser: Node's tiers and Chromium run the same code.
 */
export function runInEngine(modules: readonly string[], fuelExport: string): RunResult[] {
  const hashStart = 0x811c9dc5 | 0;
  return modules.map(runOne);

  function runOne(base64: string): RunResult {
    const module = new WebAssembly.Module(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
    let memory: WebAssembly.Memory | undefined;
    let output = hashStart;
    const view = () => new DataView((memory as WebAssembly.Memory).buffer);
    const wasi: Record<string, (...args: number[]) => number> = {
      proc_exit: (code) => {
        throw { exitCode: code };
      },
      fd_write: (_fd, vectors = 0, count = 0, written = 0) => {
        let total = 0;
        for (let k = 0; k < count; k++) {
          const start = view().getUint32(vectors + 8 * k, true);
          const length = view().getUint32(vectors + 8 * k + 4, true);
          for (let at = start; at < start + length; at++) output = mix(output, view().getUint8(at));
          total += length;
        }
        view().setUint32(written, total, true);
        return 0;
      },
      fd_read: (_fd, _vectors, _count, read = 0) => {
        view().setUint32(read, 0, true);
        return 0;
      },
    };
    const imports: Record<string, (...args: number[]) => number> = {};
    for (const { name } of WebAssembly.Module.imports(module)) imports[name] = wasi[name] ?? (() => 0);
    const { exports } = new WebAssembly.Instance(module, { wasi_snapshot_preview1: imports });
    memory = exports.memory as WebAssembly.Memory;
    const end = run(exports._start as () => void);
    const words = new Int32Array(memory.buffer);
    let hash = hashStart;
    for (let k = 0; k < words.length; k++) hash = mix(hash, words[k] as number);
    const fuel =
      end === 'trap' ? '' : String((exports[fuelExport] as WebAssembly.Global | undefined)?.value ?? '');
    return { end, memory: `${words.length * 4}:${hash >>> 0}`, output: String(output >>> 0), fuel };
  }

  function run(start: () => void): string {
    try {
      start();
      return 'returned';
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) return 'trap';
      if (typeof error === 'object' && error !== null && 'exitCode' in error) return `exit ${error.exitCode}`;
      throw error;
    }
  }

  /** A step of FNV-1a. */
  function mix(hash: number, value: number): number {
    return Math.imul(hash ^ value, 0x01000193);
  }
}
