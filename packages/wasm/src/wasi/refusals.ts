import { errno } from './errno.ts';
import type { HostCalls } from './host-calls.ts';

/** Calls whose answer is always the same: hints that change nothing, and everything a program may not do. */
export const refusals: HostCalls = {
  fd_advise: () => errno.success,
  fd_datasync: () => errno.success,
  fd_fdstat_set_flags: () => errno.success,
  fd_fdstat_set_rights: () => errno.success,
  fd_sync: () => errno.success,
  fd_allocate: () => errno.readOnly,
  fd_filestat_set_size: () => errno.readOnly,
  fd_filestat_set_times: () => errno.readOnly,
  path_create_directory: () => errno.readOnly,
  path_filestat_set_times: () => errno.readOnly,
  path_link: () => errno.readOnly,
  path_remove_directory: () => errno.readOnly,
  path_rename: () => errno.readOnly,
  path_symlink: () => errno.readOnly,
  path_unlink_file: () => errno.readOnly,
  path_readlink: () => errno.invalid,
  proc_raise: () => errno.notSupported,
  sock_accept: () => errno.notSupported,
  sock_recv: () => errno.notSupported,
  sock_send: () => errno.notSupported,
  sock_shutdown: () => errno.notSupported,
};
