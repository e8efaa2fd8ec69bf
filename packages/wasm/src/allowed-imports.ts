import { i32, i64 } from './opcodes.ts';

/** The only module that a program may import from. */
export const importModule = 'wasi_snapshot_preview1';

/** The one import that does not return to the program. */
export const exitImport = 'proc_exit';

/**
 * Functions of WASI preview 1 that a program may import, with the type that WASI gives them; `i` is i32, `l` is i64.
 * All of these must exist in the host: those that would change files or reach a network answer with an error there,
 * since the runtimes of Go, Rust and C import them whether or not a program ever calls them.
 */
const signatures: Readonly<Record<string, string>> = {
  args_get: 'ii:i',
  args_sizes_get: 'ii:i',
  clock_res_get: 'ii:i',
  clock_time_get: 'ili:i',
  environ_get: 'ii:i',
  environ_sizes_get: 'ii:i',
  fd_advise: 'illi:i',
  fd_allocate: 'ill:i',
  fd_close: 'i:i',
  fd_datasync: 'i:i',
  fd_fdstat_get: 'ii:i',
  fd_fdstat_set_flags: 'ii:i',
  fd_fdstat_set_rights: 'ill:i',
  fd_filestat_get: 'ii:i',
  fd_filestat_set_size: 'il:i',
  fd_filestat_set_times: 'illi:i',
  fd_pread: 'iiili:i',
  fd_prestat_dir_name: 'iii:i',
  fd_prestat_get: 'ii:i',
  fd_pwrite: 'iiili:i',
  fd_read: 'iiii:i',
  fd_readdir: 'iiili:i',
  fd_renumber: 'ii:i',
  fd_seek: 'ilii:i',
  fd_sync: 'i:i',
  fd_tell: 'ii:i',
  fd_write: 'iiii:i',
  path_create_directory: 'iii:i',
  path_filestat_get: 'iiiii:i',
  path_filestat_set_times: 'iiiilli:i',
  path_link: 'iiiiiii:i',
  path_open: 'iiiiillii:i',
  path_readlink: 'iiiiii:i',
  path_remove_directory: 'iii:i',
  path_rename: 'iiiiii:i',
  path_symlink: 'iiiii:i',
  path_unlink_file: 'iii:i',
  poll_oneoff: 'iiii:i',
  proc_exit: 'i:',
  proc_raise: 'i:i',
  random_get: 'ii:i',
  sched_yield: ':i',
  sock_accept: 'iii:i',
  sock_recv: 'iiiiii:i',
  sock_send: 'iiiii:i',
  sock_shutdown: 'ii:i',
};

/** Every name on the allow-list. */
export const allowedImportNames: readonly string[] = Object.keys(signatures);

export interface AllowedImportType {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** The parameter and result types that WASI gives `name`, or undefined when the name is not on the allow-list. */
export function allowedImportType(name: string): AllowedImportType | undefined {
  const signature = Object.hasOwn(signatures, name) ? signatures[name] : undefined;
  if (signature === undefined) return undefined;
  const [params = '', results = ''] = signature.split(':');
  return { params: [...params].map(typeOfLetter), results: [...results].map(typeOfLetter) };
}

function typeOfLetter(letter: string): number {
  return letter === 'i' ? i32 : i64;
}
