import { type Static, Type } from 'typebox';
import { defineRoute } from '../route.ts';
import { IdSchema, Instant, Money, PublicKey, Sha256Hex, Token, type VendorId } from '../schema.ts';

export const ProductName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,62}$',
  description: 'a product’s short name',
});
export const ProductKind = Type.Union([Type.Literal('application'), Type.Literal('service')]);

export const Product = Type.Object({
  product: ProductName,
  kind: ProductKind,
  title: Type.String(),
  description: Type.String(),
  /** The price in money beside "compute": nobody has to lend a machine. */
  cashPrice: Type.Object({ price: Money, per: Type.Union([Type.Literal('month'), Type.Literal('once')]) }),
  /** What a license needs in the policy's window, beside the running agent. */
  policy: Type.Object({
    windowDays: Type.Integer({ minimum: 1 }),
    pointsMilliMin: Type.String(),
    devicesMax: Type.Integer({ minimum: 1 }),
  }),
});
export type ProductText = Static<typeof Product>;

export const readVendorAbout = defineRoute({
  name: 'readVendorAbout',
  method: 'GET',
  path: '/v1/about',
  access: ['public'],
  summary: 'Who this vendor is: the key that signs grants and releases, and the contractor it works with.',
  reply: Type.Object({
    vendorId: IdSchema<VendorId>('vendor, as the contractor knows it'),
    name: Type.String(),
    publicKey: PublicKey,
    dispatchUrl: Type.String(),
    contractorName: Type.String(),
    version: Type.String(),
  }),
});

export const listProducts = defineRoute({
  name: 'listProducts',
  method: 'GET',
  path: '/v1/products',
  access: ['public'],
  summary: 'What can be had for computing (steps 201, 501).',
  reply: Type.Object({ items: Type.Array(Product) }),
});

export const putProduct = defineRoute({
  name: 'putProduct',
  method: 'PUT',
  path: '/v1/products/:product',
  access: ['operator'],
  summary: 'Offer a product, or change it.',
  params: Type.Object({ product: ProductName }),
  body: Type.Omit(Product, ['product']),
  reply: Product,
});

export const ReleaseFile = Type.Object({
  name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$' }),
  role: Type.Union([Type.Literal('application'), Type.Literal('agent')]),
  sha256: Sha256Hex,
  bytes: Type.Integer({ minimum: 0 }),
  /** How the file is started, for people: `node taika-agent.mjs`. */
  start: Type.Optional(Type.String()),
});

export const Release = Type.Object({
  product: ProductName,
  version: Type.String(),
  files: Type.Array(ReleaseFile),
  publishedAt: Instant,
  /** `releaseManifest` token by the vendor's key over product, version and files. */
  manifest: Token,
});
export type ReleaseText = Static<typeof Release>;

export const readLatestRelease = defineRoute({
  name: 'readLatestRelease',
  method: 'GET',
  path: '/v1/products/:product/releases/latest',
  access: ['public'],
  summary: 'The newest release: application and agent, each with its SHA-256 (steps 201, 501).',
  params: Type.Object({ product: ProductName }),
  reply: Release,
});

export const download = defineRoute({
  name: 'download',
  method: 'GET',
  path: '/v1/downloads/:sha256',
  access: ['public'],
  summary: 'A file of a release by its SHA-256 (steps 202, 502).',
  params: Type.Object({ sha256: Sha256Hex }),
  stream: 'reply-bytes',
});

export const uploadReleaseFile = defineRoute({
  name: 'uploadReleaseFile',
  method: 'PUT',
  path: '/v1/downloads/:sha256',
  access: ['operator'],
  summary: 'Store a file for a release.',
  params: Type.Object({ sha256: Sha256Hex }),
  stream: 'request-bytes',
  reply: Type.Object({ sha256: Sha256Hex, bytes: Type.Integer() }),
});

export const publishRelease = defineRoute({
  name: 'publishRelease',
  method: 'PUT',
  path: '/v1/products/:product/releases/:version',
  access: ['operator'],
  summary: 'Publish a release of files that are stored. A published version never changes.',
  params: Type.Object({
    product: ProductName,
    version: Type.String({ pattern: '^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$' }),
  }),
  body: Type.Object(
    { files: Type.Array(ReleaseFile, { minItems: 1, maxItems: 20 }) },
    { additionalProperties: false },
  ),
  reply: Release,
});
