import { type Static, Type } from 'typebox';
import { defineRoute } from '../route.ts';
import { IdSchema, PublicKey, type TerminalId } from '../schema.ts';

const TerminalIdParams = Type.Object({
  terminalId: IdSchema<TerminalId>('terminal, made by the operator’s command'),
});

/**
 * What the contractor runs itself. It opens sessions and cycles like any terminal, needs no registration and no consent,
 * and earns nothing.
 *
 * - `reference` computes what must be certain: copies that no terminal may or can compute, and both sides of a mismatch.
 *   It gets no other work. Its word revokes, so it runs on a machine that the contractor trusts.
 * - `decoy` gets ordinary work and is expected to hand in wrong results: who agrees with it colludes. Nothing that it says
 *   is believed.
 */
export const OwnRole = Type.Union([Type.Literal('reference'), Type.Literal('decoy')]);

export const OwnTerminal = Type.Object({
  terminalId: IdSchema<TerminalId>('terminal'),
  role: OwnRole,
  name: Type.String(),
});
export type OwnTerminalText = Static<typeof OwnTerminal>;

export const addOwnTerminal = defineRoute({
  name: 'addOwnTerminal',
  method: 'PUT',
  path: '/v1/own-terminals/:terminalId',
  access: ['operator'],
  summary: 'Add a terminal of the contractor’s own by its public key: a reference executor or a decoy.',
  params: TerminalIdParams,
  body: Type.Object(
    { role: OwnRole, name: Type.String({ minLength: 1, maxLength: 200 }), publicKey: PublicKey },
    { additionalProperties: false },
  ),
  reply: OwnTerminal,
});
