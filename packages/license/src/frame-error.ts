/** Bytes on the local link that are no valid frame. After it the connection is closed: nothing behind it can be trusted. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}
