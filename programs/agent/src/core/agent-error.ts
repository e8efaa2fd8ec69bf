/** What the member asked for cannot be done: the message says why, `remedy` what to do. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: string;
  readonly remedy: string;

  constructor(code: string, sentence: string, remedy: string, options?: ErrorOptions) {
    super(sentence, options);
    this.code = code;
    this.remedy = remedy;
  }
}
