import type { Route } from '@taika/protocol/route';
import type { Caller, StreamInput } from './call.ts';

/** One event as it came. */
export interface ReceivedEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: unknown;
}

/** Opens a route of server-sent events and gives them as they come, until the server ends the stream. Throws RemoteError. Does not reconnect: the caller knows where it was. */
export async function* readEvents<R extends Route>(
  caller: Caller,
  route: R,
  input: StreamInput<R>,
): AsyncGenerator<ReceivedEvent, void, void> {
  const response = await caller.open(route, input);
  let rest = '';
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + text).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== undefined) {
        yield event;
      }
    }
  }
}

/** Lines beginning with a colon are comments: the server's sign of life. */
function parseBlock(block: string): ReceivedEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split(/\r?\n/)) {
    const [, name, value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      const before = fields.get(name);
      fields.set(name, before === undefined ? value : `${before}\n${value}`);
    }
  }
  const data = fields.get('data');
  return data === undefined
    ? undefined
    : { id: fields.get('id'), event: fields.get('event'), data: JSON.parse(data) };
}
