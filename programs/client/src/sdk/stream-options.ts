/** Where a stream of a job begins, and what ends it early. */
export interface StreamOptions {
  /** The cursor of the last thing that was received, from an earlier stream, perhaps of another process. */
  readonly after?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}
