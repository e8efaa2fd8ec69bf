import { accessSync, constants, existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { runnerArgument, unconfinedArgument } from './runner-main.ts';
import type { SandboxOptions } from './sandbox.ts';

export type Level = 0 | 1 | 2 | 3;

/** The file that acts as runner when it is started with the runner's argument, and all that it reads. */
export interface RunnerEntry {
  readonly file: string;
  readonly readable: readonly string[];
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * The runner's entry for the way we run ourselves: from source, its own small program and the folders it
 * imports; from a bundle, the bundle's one file.
 */
export function ownRunnerEntry(): RunnerEntry {
  const here = import.meta.filename;
  if (!here.endsWith('runner-command.ts')) return { file: here, readable: [here] };
  const folders = createRequire(here).resolve.paths('@taika/wasm') ?? [];
  const link = folders.map((folder) => join(folder, '@taika', 'wasm')).find((path) => existsSync(path));
  if (link === undefined) throw new Error('The package @taika/wasm is not installed.');
  const packages = [dirname(import.meta.dirname), realpathSync(link)];
  const readable = packages.flatMap((folder) => [join(folder, 'src/'), join(folder, 'package.json')]);
  return { file: join(import.meta.dirname, 'runner-entry.ts'), readable: [...readable, link] };
}

/** The command line that starts a runner at a level, or undefined where this machine lacks the tools. */
export function runnerCommand(
  level: Level,
  entry: RunnerEntry,
  options: SandboxOptions,
): Command | undefined {
  const node = [process.execPath, ...nodeArguments(level, entry, options)];
  const limits = level >= 2 ? resourceLimits(options) : [];
  const walls = level >= 3 ? bubblewrap(entry) : [];
  if (limits === undefined || walls === undefined) return undefined;
  const priority = options.priority === 'ordinary' ? [] : lowPriority();
  const [file, ...args] = [...priority, ...limits, ...walls, ...node];
  return { file: file ?? process.execPath, args };
}

function nodeArguments(level: Level, entry: RunnerEntry, { limits }: SandboxOptions): string[] {
  const confined = [
    '--permission',
    '--allow-worker',
    ...entry.readable.map((path) => `--allow-fs-read=${path}`),
  ];
  return [
    ...(level >= 1 ? confined : []),
    // V8 replaces no running wasm function: a long first loop would stay in the slow tier to its end.
    '--no-liftoff',
    '--disallow-code-generation-from-strings',
    // The program's own bound is written into it. Node's type stripper is WebAssembly too and needs its part.
    `--wasm-max-mem-pages=${Math.max(limits.memoryPagesMax, typeStripperPages)}`,
    // Says that workers might weaken the model; a probe in test/ shows that ours regain nothing.
    '--disable-warning=PERM0006',
    entry.file,
    runnerArgument,
    ...(level >= 1 ? [] : [unconfinedArgument]),
  ];
}

const typeStripperPages = 1024;

/** Everything that waits for a processor or a disk comes before us. */
function lowPriority(): string[] {
  const nice = findTool('nice');
  const ionice = findTool('ionice');
  return [...(nice ? [nice, '-n', '19'] : []), ...(ionice ? [ionice, '-c', '3'] : [])];
}

/**
 * Limits that the kernel keeps, whatever V8 does. Data, not address space: V8 reserves terabytes and uses
 * little of it. Each worker may hold one living memory and one that is not collected yet.
 */
function resourceLimits({ limits, parallel }: SandboxOptions): string[] | undefined {
  const prlimit = findTool('prlimit');
  if (prlimit === undefined) return undefined;
  const guestBytes = limits.memoryPagesMax * 65_536 + limits.outputBytesMax + limits.logBytesMax;
  // Measured: 640 MiB for the process, 110 MiB a worker before any program, and a stack for each thread.
  const ownBytes = (640 + 144 * parallel + 16 * availableParallelism()) * 2 ** 20;
  const data = ownBytes + 3 * guestBytes * parallel;
  return [prlimit, `--data=${data}`, '--nofile=256', '--fsize=0', '--core=0'];
}

/**
 * A file system of the runner's own files and the C library, no network, no other process, no rights. No new session:
 * the runner leads one already and has no terminal; another one would leave the priority of its own (lower-priority.ts).
 */
function bubblewrap(entry: RunnerEntry): string[] | undefined {
  const bwrap = findTool('bwrap');
  if (bwrap === undefined) return undefined;
  const system = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/etc/ld.so.cache'];
  const own = [process.execPath, ...entry.readable].flatMap(placeInside);
  return [
    bwrap,
    ...['--unshare-all', '--die-with-parent', '--clearenv', '--cap-drop', 'ALL'],
    ...['--uid', '65534', '--gid', '65534', '--hostname', 'runner', '--chdir', '/'],
    ...['--dev', '/dev'],
    ...system.flatMap((path) => ['--ro-bind-try', path, path]),
    ...own,
    '--remount-ro',
    '/',
    '--',
  ];
}

/** A link stays a link: Node takes a module for what its real path says. */
function placeInside(path: string): string[] {
  if (!lstatSync(path).isSymbolicLink()) return ['--ro-bind', path, path];
  return ['--symlink', realpathSync(path), path];
}

/** The system's own folders come first: what stands earlier in PATH may be anybody's. */
function findTool(name: string): string | undefined {
  const folders = ['/usr/bin', '/bin', '/usr/sbin', ...(process.env.PATH ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
