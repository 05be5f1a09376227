/* oxlint-disable no-underscore-dangle -- tRPC keeps a router's own description under `_def` */
import { getTRPCErrorShape, type AnyTRPCRouter, type TRPCError, type TRPCProcedureType } from '@trpc/server';
import { PERMISSIONS, isPermission } from '@yunshang/contracts';
import { z } from 'zod';
import type { Meta } from './trpc.ts';

/** A procedure as the REST mirror, the documents and the start-up check see it. */
export type ListedProcedure = {
  /** Dotted: `tasks.create`. */
  path: string;
  type: TRPCProcedureType;
  meta: Meta;
  /** Undefined when the procedure takes no input. */
  input: z.core.$ZodType | undefined;
  output: z.core.$ZodType | undefined;
};

/** Every procedure of a router, whatever its depth. */
export function listProcedures(router: AnyTRPCRouter): ListedProcedure[] {
  const procedures: Readonly<Record<string, unknown>> = router._def.procedures;
  return Object.entries(procedures).flatMap(([name, member]) => collect(member, name));
}

/** Throws naming every procedure whose permission is missing or not in the table. */
export function assertPermissions(router: AnyTRPCRouter): void {
  const nameless = listProcedures(router).filter(({ meta }) => !isPermission(meta.permission));
  if (nameless.length > 0)
    throw new Error(
      `The server does not start: ${nameless.map(({ path }) => path).join(', ')} must name a permission in ` +
        `.meta({ permission }); known ones are ${Object.keys(PERMISSIONS).join(', ')}.`,
    );
}

function collect(member: unknown, path: string): ListedProcedure[] {
  if (!isProcedure(member)) return [];
  const { type, meta, inputs, output } = member._def;
  return [{ path, type, meta: meta ?? {}, input: schemaOf(inputs?.[0]), output: schemaOf(output) }];
}

type Procedure = {
  _def: { type: TRPCProcedureType; meta?: Meta; inputs?: readonly unknown[]; output?: unknown };
};

function isProcedure(value: unknown): value is Procedure {
  return typeof value === 'function' && '_def' in value;
}

function schemaOf(parser: unknown): z.core.$ZodType | undefined {
  return parser instanceof z.core.$ZodType ? parser : undefined;
}

/** The error as a tRPC client gets it. */
export function errorShapeOf(
  router: AnyTRPCRouter,
  failure: { error: TRPCError; type: TRPCProcedureType; path: string; input: unknown; ctx: unknown },
): unknown {
  return getTRPCErrorShape({ config: router._def._config, ...failure });
}
