import { keyed, reading, writing } from './calls.ts';
import type { Connection } from './connection.ts';
import type { Operator } from './operator.ts';

/** Plans, codes, campaigns and compensations: what quota is made of, and given away by. */
export function promotionsOf(
  connection: Connection,
): Pick<Operator, 'planVersions' | 'codeBatches' | 'campaigns' | 'grants'> {
  return {
    planVersions: planVersionsOf(connection),
    codeBatches: codeBatchesOf(connection),
    campaigns: campaignsOf(connection),
    grants: grantsOf(connection),
  };
}

function planVersionsOf({ call }: Connection): Operator['planVersions'] {
  return {
    list: async (planId, options) => {
      const input = planId === undefined ? {} : { planId };
      return (await call((trpc, o) => trpc.plans.versions.query(input, o), reading(options))).items;
    },
    saveDraft: (plan, options) => call((trpc, o) => trpc.plans.saveDraft.mutate(plan, o), writing(options)),
    publish: (input, options) => call((trpc, o) => trpc.plans.publish.mutate(input, o), writing(options)),
    archive: (input, options) => call((trpc, o) => trpc.plans.archive.mutate(input, o), writing(options)),
  };
}

function codeBatchesOf({ call }: Connection): Operator['codeBatches'] {
  return {
    list: (page = {}, options) => call((trpc, o) => trpc.codes.batches.query(page, o), reading(options)),
    get: (batchId, options) => call((trpc, o) => trpc.codes.batch.query({ batchId }, o), reading(options)),
    create: (input, options) => call((trpc, o) => trpc.codes.createBatch.mutate(input, o), keyed(options)),
    issue: (input, options) => call((trpc, o) => trpc.codes.issue.mutate(input, o), writing(options)),
    disable: (input, options) => call((trpc, o) => trpc.codes.disableBatch.mutate(input, o), writing(options)),
  };
}

function campaignsOf({ call }: Connection): Operator['campaigns'] {
  return {
    list: (page = {}, options) => call((trpc, o) => trpc.campaigns.list.query(page, o), reading(options)),
    get: (campaignId, options) => call((trpc, o) => trpc.campaigns.get.query({ campaignId }, o), reading(options)),
    create: (input, options) => call((trpc, o) => trpc.campaigns.create.mutate(input, o), keyed(options)),
    stop: (input, options) => call((trpc, o) => trpc.campaigns.stop.mutate(input, o), writing(options)),
  };
}

function grantsOf({ call }: Connection): Operator['grants'] {
  return {
    ofMember: (input, options) => call((trpc, o) => trpc.grants.ofMember.query(input, o), reading(options)),
    compensations: (filter = {}, options) =>
      call((trpc, o) => trpc.grants.compensations.query(filter, o), reading(options)),
    compensate: (input, options) => call((trpc, o) => trpc.grants.compensate.mutate(input, o), keyed(options)),
  };
}
