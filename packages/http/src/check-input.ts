import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { ApiError } from './api-error.ts';

/** Checks a part of a request; throws ApiError `bad-request` that names every field that does not fit, and what was expected. */
export type InputCheck = (value: unknown) => void;

/** Compiles the check of one part of a request (`params`, `query`, `body`). Nothing is converted: the text "3" is no number. */
export function compileInputCheck(part: string, schema: TSchema): InputCheck {
  const validator = Compile(schema);
  return (value) => {
    if (validator.Check(value)) {
      return;
    }
    const fields = describeErrors(part, validator.Errors(value));
    throw new ApiError('bad-request', fields.map(({ path, expected }) => `${path} ${expected}`).join('; '), {
      fields,
    });
  };
}

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

/** Enough to mend a request by; a wrong union would list every alternative of every level. */
const fieldsMax = 8;

function describeErrors(part: string, found: readonly SchemaError[]): { path: string; expected: string }[] {
  // A union says only that nothing fitted; what its alternatives say is more use.
  const telling = found.filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'if');
  const fields = (telling.length > 0 ? telling : found).flatMap((error) => describeError(part, error));
  const distinct = new Map(fields.map((field) => [`${field.path} ${field.expected}`, field]));
  return [...distinct.values()].slice(0, fieldsMax);
}

function describeError(part: string, error: SchemaError): { path: string; expected: string }[] {
  const path = `${part}${error.instancePath}`;
  const params: {
    requiredProperties?: string[];
    additionalProperties?: string[];
    allowedValue?: unknown;
    format?: string;
  } = error.params;
  switch (error.keyword) {
    case 'required':
      return (params.requiredProperties ?? []).map((name) => ({
        path: `${path}/${name}`,
        expected: 'is required',
      }));
    case 'additionalProperties':
      return (params.additionalProperties ?? []).map((name) => ({
        path: `${path}/${name}`,
        expected: 'is not known here',
      }));
    case 'const':
      return [{ path, expected: `must be ${JSON.stringify(params.allowedValue)}` }];
    case 'format':
      return [
        {
          path,
          expected: params.format === 'date' ? 'is no day of the calendar: give yyyy-mm-dd' : error.message,
        },
      ];
    default:
      return [{ path, expected: error.message }];
  }
}
