/** The wish to stop: Ctrl-C, or a signal from whoever started us. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Resolves when the wish came. */
  readonly asked: Promise<void>;
  release(): void;
}

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes a Ctrl-C on that the terminal has sent already; within this time it is the same wish. */
const echoMs = 500;

/** Listens for the wish to stop. The first is granted in order; a second one, later than an echo, ends the process. */
export function stopSignal(): StopSignal {
  const controller = new AbortController();
  let firstAtMs: number | undefined;
  let resolveAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    resolveAsked = resolve;
  });
  const onSignal = (name: NodeJS.Signals) => {
    const nowMs = performance.now();
    if (firstAtMs === undefined) {
      firstAtMs = nowMs;
      controller.abort(new Error(`Stopped by ${name}.`));
      resolveAsked();
    } else if (nowMs - firstAtMs > echoMs) {
      process.exit(130);
    }
  };
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    asked,
    release: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
