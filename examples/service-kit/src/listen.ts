import { listen } from '@taika/http/listen';
import type { RunningService, StartOptions } from './run-service.ts';
import type { Service } from './service.ts';

/** Begins to serve. */
export async function serve<Notes>(
  { app }: Service<Notes>,
  { port, host = '127.0.0.1' }: Pick<StartOptions, 'port' | 'host'>,
): Promise<RunningService> {
  const { url } = await listen(app, { host, port });
  return {
    url,
    async [Symbol.asyncDispose]() {
      await app.close();
    },
  };
}
