import { Problem } from '@taika/protocol/problem';
import type { Access, Route } from '@taika/protocol/route';

/** The OpenAPI 3.1 document of routes. Pure, so that documentation can be generated without a server. */
export function describeApi(
  routes: readonly Route[],
  { title, version }: { readonly title: string; readonly version: string },
): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title, version },
    paths,
    components: { schemas: { Problem }, securitySchemes },
  };
}

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key or a session.' },
  signature: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'Taika-Signature <JWS over method, path, query and body>.',
  },
  signedUrl: { type: 'apiKey', in: 'query', name: 'signature', description: 'A URL that the server signed.' },
};

const schemeOf: Record<Exclude<Access, 'public'>, keyof typeof securitySchemes> = {
  operator: 'bearer',
  customer: 'bearer',
  terminal: 'bearer',
  service: 'bearer',
  vendor: 'signature',
  member: 'signature',
  'signed-url': 'signedUrl',
};

function describeRoute(route: Route): Record<string, unknown> {
  return {
    operationId: route.name,
    summary: route.summary,
    security: security(route.access),
    'x-access': route.access,
    parameters: [...parameters('path', route.params), ...parameters('query', route.query)],
    ...requestBody(route),
    responses: {
      [String(statusOf(route))]: { description: 'Success.', ...replyContent(route) },
      default: {
        description: 'The request cannot be served; `code` says why.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function security(access: readonly Access[]): Record<string, string[]>[] {
  const names = new Set(access.map((party) => (party === 'public' ? undefined : schemeOf[party])));
  return [...names].map((name) => (name === undefined ? {} : { [name]: [] }));
}

function parameters(place: 'path' | 'query', schema: Route['params']): Record<string, unknown>[] {
  const required: readonly string[] = schema?.required ?? [];
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function requestBody(route: Route): Record<string, unknown> {
  if (route.stream === 'request-bytes') {
    return { requestBody: { required: true, content: { 'application/octet-stream': {} } } };
  }
  return route.body === undefined
    ? {}
    : { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } };
}

function replyContent(route: Route): Record<string, unknown> {
  if (route.stream === 'reply-bytes') {
    return { content: { 'application/octet-stream': {} } };
  }
  if (route.stream === 'reply-events') {
    return { content: { 'text/event-stream': {} } };
  }
  return route.reply === undefined ? {} : { content: { 'application/json': { schema: route.reply } } };
}

function statusOf(route: Route): number {
  return route.status ?? (route.reply === undefined && route.stream === undefined ? 204 : 200);
}
