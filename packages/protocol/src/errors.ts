/**
 * Every error that travels. `fault` says who can mend it, `retryable` whether the same call may succeed
 * later. docs/ERRORS.md is compared with this table by a test.
 */
export const errors = {
  'bad-request': e(
    400,
    'caller',
    false,
    'The request does not have the form that this route expects.',
    'Correct the field that is named.',
  ),
  'bad-json': e(400, 'caller', false, 'The body is not valid JSON.', 'Send JSON in UTF-8.'),
  unauthenticated: e(
    401,
    'caller',
    false,
    'The request does not say who sends it.',
    'Log in, or send the key or signature that this route asks for.',
  ),
  'bad-key': e(
    401,
    'caller',
    false,
    'This key is not known.',
    'Check the key for typing errors, or ask for a new one.',
  ),
  'bad-signature': e(
    401,
    'caller',
    false,
    'The signature does not fit this request.',
    'Sign the method, path and body that are sent, with the key that is registered.',
  ),
  'replayed-request': e(
    401,
    'caller',
    false,
    'This signed request was already used.',
    'Sign each request anew.',
  ),
  'session-expired': e(401, 'caller', true, 'The session is over.', 'Start a new session with a challenge.'),
  'terminal-unknown': e(
    401,
    'caller',
    false,
    'No terminal with this key is registered.',
    'Register with a vendor first: `taika agent register`.',
  ),
  'terminal-revoked': e(403, 'caller', false, 'This terminal was revoked.', 'Ask the contractor why.'),
  'no-consent': e(
    403,
    'caller',
    false,
    'No consent of the member is recorded for this terminal.',
    'Read and accept the text: `taika agent consent`.',
  ),
  forbidden: e(
    403,
    'caller',
    false,
    'This is not yours to do.',
    'Use the key of the party that this route is for.',
  ),
  'not-found': e(
    404,
    'caller',
    false,
    'There is no such thing here.',
    'Check the identifier; what belongs to others is never shown.',
  ),
  'no-such-route': e(404, 'caller', false, 'There is no such route.', 'See /openapi.json for all routes.'),
  'not-renderable': e(
    406,
    'caller',
    false,
    'This document cannot be given in this format.',
    'Take another format, or see to what the detail names.',
  ),
  conflict: e(
    409,
    'caller',
    false,
    'This contradicts what is already there.',
    'Read the detail; make a new identifier for a new thing.',
  ),
  'idempotency-conflict': e(
    409,
    'caller',
    false,
    'This identifier was already used with another content.',
    'Make a new identifier for a new thing.',
  ),
  'wrong-state': e(
    409,
    'caller',
    false,
    'This cannot be done in the present state.',
    'Do first what the detail asks for, or look how the thing stands now; then ask again.',
  ),
  'digest-mismatch': e(
    400,
    'caller',
    true,
    'The bytes do not hash to the digest that was promised.',
    'The file changed or was damaged on the way: send it again.',
  ),
  'data-deleted': e(
    410,
    'caller',
    false,
    'The data of this job was deleted, as its customer asked or because its time was over.',
    'Submit the job again; what was paid for stays in the list of jobs.',
  ),
  'too-large': e(413, 'caller', false, 'This is larger than allowed.', 'Read the limit in the detail.'),
  'program-refused': e(
    422,
    'customer',
    false,
    'The program was not admitted.',
    'Read which function and why, and compile as docs/PROGRAMS.md says.',
  ),
  'job-refused': e(
    422,
    'customer',
    false,
    'The job cannot be accepted.',
    'Correct the job file where the detail says.',
  ),
  'funds-short': e(
    422,
    'customer',
    false,
    'The deposit and credit that are free do not cover what the job may cost.',
    'Pay the contractor a deposit, give the job a lower maxPrice, or wait until a running job ends.',
  ),
  'points-short': e(
    422,
    'member',
    false,
    'There are not enough points.',
    'Spend fewer points, or let the agent compute more.',
  ),
  'confirmation-refused': e(
    422,
    'member',
    false,
    'The confirmation does not fit the order.',
    'Confirm exactly this order and amount in the agent.',
  ),
  'license-refused': e(
    403,
    'member',
    false,
    'The license is not valid at the moment.',
    'Read the reason in the detail.',
  ),
  'registration-pending': e(
    409,
    'vendor',
    true,
    'The registration is not confirmed by the dispatch server yet.',
    'Ask again in a moment.',
  ),
  'rate-limited': e(429, 'caller', true, 'Too many requests.', 'Wait as long as Retry-After says.'),
  'upstream-unreachable': e(
    502,
    'server',
    true,
    "The other company's server does not answer.",
    'It is tried again; ask again in a moment.',
  ),
  unavailable: e(
    503,
    'server',
    true,
    'The server is starting, stopping or has lost its database.',
    'Ask again in a moment.',
  ),
  'disk-full': e(
    507,
    'server',
    true,
    'The server has no room left.',
    'The operator must make room; nothing acknowledged was lost.',
  ),
  internal: e(
    500,
    'server',
    true,
    'We made a mistake; it is logged.',
    'Try again; tell the operator the request id if it stays.',
  ),
  unreachable: e(
    0,
    'network',
    true,
    'The server cannot be reached.',
    'Check the address and the network; is the server running?',
  ),
} as const;

export type ErrorCode = keyof typeof errors;

export interface ErrorEntry {
  /** HTTP status; 0 where the error never travels but is made by the caller. */
  readonly status: number;
  readonly fault: 'caller' | 'customer' | 'member' | 'vendor' | 'server' | 'network';
  readonly retryable: boolean;
  readonly sentence: string;
  readonly remedy: string;
}

function e(
  status: number,
  fault: ErrorEntry['fault'],
  retryable: boolean,
  sentence: string,
  remedy: string,
): ErrorEntry {
  return { status, fault, retryable, sentence, remedy };
}
