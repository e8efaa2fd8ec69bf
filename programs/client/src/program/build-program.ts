import { createReadStream, type Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { CommandError } from '@taika/cli/command-error';
import { defaultAdmissionLimits } from '@taika/wasm/admission-limits';
import { checkModuleBytes } from '@taika/wasm/admit';

/**
 * The WebAssembly of a program: a `.wasm` file as it is, a `.ts` file through the AssemblyScript compiler.
 * The same source gives the same bytes. Throws `CommandError` with the compiler's own words, and `AdmissionError` for a
 * file that is too large to be a program, without reading it.
 */
export async function buildProgram(path: string): Promise<Uint8Array> {
  switch (extname(path)) {
    case '.wasm':
      return new Uint8Array(await readProgram(path));
    case '.ts':
      await sizeOf(path);
      return compile(path);
    default:
      throw new CommandError(`${path} is neither .wasm nor .ts.`, {
        code: 'program-kind',
        remedy: 'Compile it for wasm32-wasi (docs/PROGRAMS.md), or write it in AssemblyScript.',
      });
  }
}

/** Holds `taika.ts`, which a program imports as "taika". */
const libraryFolder = fileURLToPath(new URL('../../assembly', import.meta.url));

async function compile(path: string): Promise<Uint8Array> {
  // A large package that only this path needs.
  const { default: compiler } = await import('assemblyscript/asc');
  let program: Uint8Array | undefined;
  let complaint = '';
  const write = (text: Uint8Array | string) => {
    complaint += typeof text === 'string' ? text : new TextDecoder().decode(text);
  };
  const { error } = await compiler.main(compilerArguments(path), {
    stdout: { write },
    stderr: { write },
    // The compiler's own versions disagree about folders that are not below its base.
    readFile: (name: string, base: string) => readFile(resolve(base, name), 'utf8').catch(() => null),
    listFiles: (name: string, base: string) => readdir(resolve(base, name)).then(onlySources, () => null),
    writeFile(_name: string, contents: Uint8Array | string) {
      if (typeof contents !== 'string') program = contents;
    },
  });
  if (error === null && program !== undefined) return new Uint8Array(program);
  throw new CommandError(`${path} does not compile.\n${complaint.trim()}`, {
    code: 'program-compile',
    remedy: 'Correct the program; docs/PROGRAMS.md has the language and the library in one page.',
    exitCode: 1,
    cause: error,
  });
}

function onlySources(names: readonly string[]): string[] {
  return names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
}

function compilerArguments(path: string): string[] {
  const folder = resolve(dirname(path));
  return [
    basename(path),
    ...['--baseDir', folder, '--lib', libraryFolder, '--outFile', 'program.wasm'],
    // Code at the top of the file becomes the command; a start section would be refused at admission.
    ...['--exportStart', '_start'],
    ...['-O3', '--runtime', 'incremental', '--enable', 'simd'],
    ...['--use', 'abort=taika_abort', '--use', 'seed=taika_seed', '--use', 'console=taika_console'],
  ];
}

async function readProgram(path: string): Promise<Buffer> {
  checkModuleBytes(await sizeOf(path));
  // A pipe has no size: one byte more than is admitted is enough to refuse it.
  return buffer(createReadStream(path, { end: defaultAdmissionLimits.moduleBytesMax }));
}

async function sizeOf(path: string): Promise<number> {
  const found = await statOf(path);
  if (!found.isDirectory()) return found.size;
  throw new CommandError(`${path} is a folder, not a program.`, {
    code: 'program-file',
    remedy: 'Name the .wasm or .ts file in it.',
  });
}

async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}`, {
      code: 'program-file',
      remedy: 'Check the path; in a job file it is relative to the job file.',
      cause: error,
    });
  }
}
