/** What the member asked for cannot be done: the message says why, `remedy` what to do. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: string;
  readonly remedy: string;
  /** Who can mend it: the one who typed the command, or nobody just then. */
  readonly fault: 'caller' | 'agent';

  constructor(code: string, sentence: string, remedy: string, options?: ErrorOptions) {
    super(sentence, options);
    this.code = code;
    this.remedy = remedy;
    this.fault = misuses.has(code) ? 'caller' : 'agent';
  }
}

/** A word, a length or an identifier that was given wrong. */
const misuses: ReadonlySet<string> = new Set(['misused', 'another-text', 'no-such-product', 'no-such-order']);
