import { ApiError } from '@taika/http/api-error';
import type { JobSpecText } from '@taika/protocol/dispatch/jobs';

/** Checks what a schema cannot say. Throws ApiError `job-refused` that names the field. */
export function checkSpec(spec: JobSpecText): void {
  if (spec.split.by === 'range' && spec.input !== undefined) {
    throw refused('input', 'a split by range makes its own units, so there can be no input');
  }
  if (spec.split.by !== 'range' && spec.input === undefined) {
    throw refused('input', `a split by ${spec.split.by} needs an input`);
  }
  const names = new Set<string>();
  for (const { name } of spec.files ?? []) {
    if (!isFileName(name)) {
      throw refused(`files.${name}`, 'a name is a relative path without "." and ".." parts');
    }
    if (names.has(name)) {
      throw refused(`files.${name}`, 'the name is used twice');
    }
    names.add(name);
  }
  for (const [name, value] of Object.entries(spec.env ?? {})) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.startsWith('TAIKA_')) {
      throw refused(`env.${name}`, 'a name has letters, digits and _, and does not begin with TAIKA_');
    }
    if (value.includes('\0')) {
      throw refused(`env.${name}`, 'a value holds no NUL character');
    }
  }
  if (spec.args?.some((arg) => arg.includes('\0')) === true) {
    throw refused('args', 'an argument holds no NUL character');
  }
}

function isFileName(name: string): boolean {
  return (
    name.split('/').every((part) => part !== '' && part !== '.' && part !== '..') && !/[\0\\]/.test(name)
  );
}

function refused(field: string, sentence: string): ApiError {
  return new ApiError('job-refused', `${field}: ${sentence}.`, {
    fields: [{ path: field, expected: sentence }],
  });
}
