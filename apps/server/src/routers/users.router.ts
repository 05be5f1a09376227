import { setRoleInput } from '@yunshang/contracts';
import { ownProcedure, router } from '../trpc/trpc.ts';
import { DONE, doneOutput } from './done.ts';

export const usersRouter = router({
  setRole: ownProcedure
    .meta({
      permission: 'users.roles',
      openapi: { method: 'PUT', path: '/users/{userId}/role', summary: 'Give a person a role; ends their sessions' },
    })
    .input(setRoleInput)
    .output(doneOutput)
    .mutation(async ({ ctx, input }) => {
      const { userId, role } = ctx.caller;
      await ctx.useCases.accounts.setRole({ id: userId, role, requestId: ctx.requestId }, input);
      return DONE;
    }),
});
