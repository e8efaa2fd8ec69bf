/**
 * Ends the process quietly, as Unix programs do, when whoever reads its output has stopped reading (`taika … | head`).
 * Any other failure of these streams stays an error.
 */
export function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(brokenPipe);
      throw error;
    });
  }
}

/** What a shell reports of a program that SIGPIPE has ended: 128 and the signal's number. */
const brokenPipe = 141;
