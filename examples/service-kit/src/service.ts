import type { Caller } from '@taika/http/call';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { errorPage } from './error-page.ts';
import { chooseLanguage, type Language, type Texts } from './language.ts';
import { type Frame, layout, type Page } from './layout.ts';
import { addSignIn } from './sign-in.ts';
import { style } from './style.ts';
import { createVendorCalls } from './vendor-calls.ts';
import { createVisitors, type SignedIn, type Visitor } from './visitors.ts';
import { waitScript } from './wait-script.ts';

/** What a service is made of. */
export interface ServiceOptions<Notes> {
  readonly vendorUrl: string;
  /** From `taika vendor service-key`. */
  readonly serviceKey: string;
  readonly name: Texts;
  readonly links: Frame['links'];
  /** Where a member is shown after signing in. */
  readonly home: string;
  /** What is remembered of a visitor at first. */
  readonly createNotes: () => Notes;
}

/** One visit of a page. */
export interface Visit<Notes> {
  readonly language: Language;
  readonly visitor: Visitor<Notes>;
  readonly vendor: Caller;
  readonly form: URLSearchParams;
  readonly query: URLSearchParams;
  readonly params: Readonly<Record<string, string>>;
  /** The visitor is this member from now on. */
  readonly signIn: (member: SignedIn) => void;
  readonly signOut: () => void;
}

/** A visit of somebody who is signed in. */
export interface MemberVisit<Notes> extends Visit<Notes> {
  readonly member: SignedIn;
}

/** What a page's handler gives: the page, another place to go to, or data for the page's script. */
export type Answer = Page | { readonly goTo: string } | { readonly json: object };

/** A service's web server, to which its pages are added. */
export interface Service<Notes> {
  readonly app: FastifyInstance;
  /** A page for everybody. */
  page(method: 'GET' | 'POST', path: string, handle: (visit: Visit<Notes>) => Promise<Answer> | Answer): void;
  /** A page for members; others are asked to sign in. */
  memberPage(
    method: 'GET' | 'POST',
    path: string,
    handle: (visit: MemberVisit<Notes>) => Promise<Answer> | Answer,
  ): void;
}

/** Creates the server: cookies, forms, languages, headers that let nothing in from elsewhere, and signing in. */
export function createService<Notes>(options: ServiceOptions<Notes>): Service<Notes> {
  const app = fastify({ logger: false, bodyLimit: 64 * 1024, forceCloseConnections: true });
  const vendor = createVendorCalls(options.vendorUrl, options.serviceKey);
  const visitors = createVisitors(options.createNotes, () => performance.now());
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(safeHeaders);
    refuseForeignForms(request);
  });
  app.get('/kit/style.css', (_request, reply) => reply.type('text/css; charset=utf-8').send(style));
  app.get('/kit/wait.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(waitScript));
  app.get('/healthz', () => ({ status: 'ok' }));

  const frameOf = (request: FastifyRequest, member: SignedIn | undefined): Frame => ({
    language: languageOf(request),
    service: options.name,
    member,
    links: options.links,
    path: pathOf(request),
  });
  const send = (request: FastifyRequest, reply: FastifyReply, member: SignedIn | undefined, page: Page) =>
    reply.type('text/html; charset=utf-8').send(layout(frameOf(request, member), page));
  app.setErrorHandler((error, request, reply) => {
    const { status, page } = errorPage(error, languageOf(request));
    return send(request, reply.code(status), undefined, page);
  });
  app.setNotFoundHandler((request, reply) => {
    const { page } = errorPage({ code: 'not-found' }, languageOf(request));
    return send(request, reply.code(404), undefined, page);
  });

  const service: Service<Notes> = {
    app,
    page(method, path, handle) {
      app.route({
        method,
        url: path,
        async handler(request, reply) {
          const visitor = visitors.find(cookieOf(request, 'visitor')) ?? visitors.create();
          const language = languageOf(request);
          const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
          const query = new URLSearchParams(request.url.split('?')[1] ?? '');
          const params = request.params as Record<string, string>;
          const signIn = (member: SignedIn) => visitors.signIn(visitor, member);
          const signOut = () => visitors.signOut(visitor);
          const visit = { language, visitor, vendor, form, query, params, signIn, signOut };
          // After the page, which may have changed the visitor's id; and also when it failed.
          const sayCookies = () => {
            const cookies = [cookieText('visitor', visitor.id), cookieText('language', language)];
            reply.header('set-cookie', cookies);
          };
          const answer = await Promise.try(handle, visit).finally(sayCookies);
          if ('goTo' in answer) {
            return reply.redirect(answer.goTo, 303);
          }
          return 'json' in answer ? answer.json : send(request, reply, visitor.member, answer);
        },
      });
    },
    memberPage(method, path, handle) {
      service.page(method, path, (visit) => {
        const { member } = visit.visitor;
        return member === undefined ? { goTo: '/sign-in' } : handle({ ...visit, member });
      });
    },
  };
  addSignIn(service, options.home);
  return service;
}

/** Nothing from elsewhere, no frames, no types guessed, no addresses told to others. */
const safeHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** A form of another site must not act for a member. Browsers say where a form came from; what says nothing is no browser. */
function refuseForeignForms(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (request.method !== 'GET' && origin !== undefined && URL.parse(origin)?.host !== host) {
    throw Object.assign(new Error('The form came from another site.'), { code: 'forbidden' });
  }
}

function languageOf(request: FastifyRequest): Language {
  const asked = new URLSearchParams(request.url.split('?')[1] ?? '').get('lang');
  return chooseLanguage(asked ?? cookieOf(request, 'language'), request.headers['accept-language']);
}

function pathOf(request: FastifyRequest): string {
  const path = request.url.split('?')[0] ?? '/';
  return request.method === 'GET' ? path : '/';
}

function cookieOf(request: FastifyRequest, name: string): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([key]) => key === name)?.[1];
}

function cookieText(name: string, value: string): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict`;
}
