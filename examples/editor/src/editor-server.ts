import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { License } from '@taika/license/open-license';
import { LicenseError } from '@taika/license/open-license';
import { DocumentError, type DocumentFolder } from './document-folder.ts';
import { exportHtml } from './export-html.ts';
import { pageFiles } from './page-files.ts';
import { renderMarkdown } from './render-markdown.ts';

export interface EditorServerOptions {
  readonly folder: DocumentFolder;
  readonly license: License;
  /** Makes this start's address unguessable for other programs and pages of this machine. */
  readonly token: string;
  /** Default: a free one. */
  readonly port?: number;
}

/** The editor, served to one browser on this machine. */
export interface EditorServer extends AsyncDisposable {
  /** With the token: who has it may read and write the folder. */
  readonly url: string;
}

const bodyBytesMax = 9 * 1024 * 1024;

type Handler = (body: Record<string, string | undefined>) => Promise<unknown>;

/** Starts the editor on 127.0.0.1. Everything but the page's frame asks for the token, and for our own Host. */
export async function startEditorServer(options: EditorServerOptions): Promise<EditorServer> {
  const { folder, license, token, port = 0 } = options;
  const page = await pageFiles();
  const streams = new Set<ServerResponse>();
  let host = '';

  /** What was changed while the license rests may be kept (saved), but only licensed editing changes documents. */
  const actions: Record<string, Handler> = {
    documents: async () => ({ names: await folder.list(), first: folder.first, directory: folder.directory }),
    open: async ({ name = '' }) => folder.read(name),
    preview: async ({ text = '' }) => ({ html: renderMarkdown(text) }),
    save: async ({ name = '', text, version }) => {
      if (text === undefined) throw new DocumentError('bad-request', 'Saving needs the text, as a string.');
      // Without the version of what was opened this makes a document, which is the paid action.
      if (version === undefined || !(await folder.list()).includes(name)) await license.requireActive();
      return folder.write(name, text, version);
    },
    export: async ({ name = '', text = '' }) => ({ file: await folder.export(name, exportHtml(name, text)) }),
    create: async ({ name = '' }) => {
      await license.requireActive();
      return folder.write(name, `# ${name.replace(/\.[^.]+$/, '')}\n\n`, undefined);
    },
    license: async () => license.status,
  };

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.headers.host !== host) return end(response, 421, 'Misdirected request.');
    const url = new URL(request.url ?? '/', `http://${host}`);
    if (request.method === 'GET' && url.pathname === '/style.css')
      return send(response, 'text/css', page.style);
    if (request.method === 'GET' && url.pathname === '/script.js')
      return send(response, 'text/javascript', page.script);
    if (request.method === 'GET' && url.pathname === '/') {
      if (!isToken(url.searchParams.get('token')))
        return end(response, 403, 'Open the address that the editor printed, with its token.');
      return send(response, 'text/html', page.html);
    }
    if (request.method === 'GET' && url.pathname === '/events') {
      if (!isToken(url.searchParams.get('token'))) return end(response, 403, 'Forbidden.');
      return stream(response);
    }
    const action = Object.hasOwn(actions, url.pathname.slice(5)) ? actions[url.pathname.slice(5)] : undefined;
    if (request.method !== 'POST' || !url.pathname.startsWith('/api/') || action === undefined)
      return end(response, 404, 'Not found.');
    if (!isToken(request.headers['x-editor-token'])) return end(response, 403, 'Forbidden.');
    if (request.headers['content-type'] !== 'application/json')
      return end(response, 415, 'JSON is expected.');
    send(response, 'application/json', JSON.stringify(await action(await readBody(request))));
  }

  function stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`data: ${JSON.stringify(license.status)}\n\n`);
    streams.add(response);
    response.on('close', () => streams.delete(response));
  }

  function isToken(given: unknown): boolean {
    const [left, right] = [Buffer.from(String(given)), Buffer.from(token)];
    return left.length === right.length && timingSafeEqual(left, right);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => refuse(response, error));
  });
  const unsubscribe = license.on('change', (status) => {
    for (const response of streams) response.write(`data: ${JSON.stringify(status)}\n\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}/?token=${token}`,
    async [Symbol.asyncDispose]() {
      unsubscribe();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Record<string, string | undefined>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > bodyBytesMax) throw new DocumentError('too-large', 'The document is larger than 8 MiB.');
    chunks.push(chunk as Buffer);
  }
  const value = parseJson(Buffer.concat(chunks).toString('utf8') || '{}');
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DocumentError(
      'bad-request',
      'The request is no JSON. Send an object with the members as strings.',
    );
  }
}

/** Even if a document's HTML slipped through, nothing but our own script may run, and nothing may leave this machine but pictures. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

function send(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  response.end(body);
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const known = error instanceof DocumentError || error instanceof LicenseError;
  const status =
    error instanceof LicenseError ? 402 : known ? (error.code === 'bad-request' ? 400 : 409) : 500;
  const { code, remedy } = error as { code?: string; remedy?: string };
  if (!known) console.error(error);
  const body = {
    code: known ? code : 'failed',
    sentence: error instanceof Error ? error.message : String(error),
    remedy,
  };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
