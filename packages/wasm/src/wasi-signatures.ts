/**
 * The import surface a program may use: every function of `wasi_snapshot_preview1` with its exact type.
 * Admission refuses any other import. Most of these are answered in ./wasi; the ones that would touch the
 * machine (sockets, changes to files) exist so that programs from Go and Rust link, and always refuse.
 */
export const wasiModuleName = 'wasi_snapshot_preview1';

export interface WasiSignature {
  readonly params: readonly ('i32' | 'i64')[];
  readonly results: readonly 'i32'[];
}

const shapes = {
  args_get: 'ii',
  args_sizes_get: 'ii',
  clock_res_get: 'ii',
  clock_time_get: 'iIi',
  environ_get: 'ii',
  environ_sizes_get: 'ii',
  fd_advise: 'iIIi',
  fd_allocate: 'iII',
  fd_close: 'i',
  fd_datasync: 'i',
  fd_fdstat_get: 'ii',
  fd_fdstat_set_flags: 'ii',
  fd_fdstat_set_rights: 'iII',
  fd_filestat_get: 'ii',
  fd_filestat_set_size: 'iI',
  fd_filestat_set_times: 'iIIi',
  fd_pread: 'iiiIi',
  fd_prestat_dir_name: 'iii',
  fd_prestat_get: 'ii',
  fd_pwrite: 'iiiIi',
  fd_read: 'iiii',
  fd_readdir: 'iiiIi',
  fd_renumber: 'ii',
  fd_seek: 'iIii',
  fd_sync: 'i',
  fd_tell: 'ii',
  fd_write: 'iiii',
  path_create_directory: 'iii',
  path_filestat_get: 'iiiii',
  path_filestat_set_times: 'iiiiIIi',
  path_link: 'iiiiiii',
  path_open: 'iiiiiIIii',
  path_readlink: 'iiiiii',
  path_remove_directory: 'iii',
  path_rename: 'iiiiii',
  path_symlink: 'iiiii',
  path_unlink_file: 'iii',
  poll_oneoff: 'iiii',
  proc_exit: 'i',
  proc_raise: 'i',
  random_get: 'ii',
  sched_yield: '',
  sock_accept: 'iii',
  sock_recv: 'iiiiii',
  sock_send: 'iiiii',
  sock_shutdown: 'ii',
} as const;

export type WasiFunctionName = keyof typeof shapes;

/** Type of each function, by name. Everything but `proc_exit` returns an errno. */
export const wasiSignatures: ReadonlyMap<string, WasiSignature> = new Map(
  Object.entries(shapes).map(([name, shape]) => [
    name,
    {
      params: [...shape].map((letter) => (letter === 'I' ? 'i64' : 'i32')),
      results: name === 'proc_exit' ? [] : ['i32'],
    },
  ]),
);
