import type { FastifyReply } from 'fastify';
import type { z } from 'zod';

/** 400 naming the first wrong field. */
export function refuseBody(reply: FastifyReply, error: z.ZodError): FastifyReply {
  const issue = error.issues[0];
  const path = issue?.path.map(String) ?? [];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const field = [...path, ...unknown].join('.') || 'body';
  return reply.code(400).send({ error: { code: 'INVALID', field, message: issue?.message ?? 'invalid' } });
}
