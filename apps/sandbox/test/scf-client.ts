import path from 'node:path';
import { scf } from 'tencentcloud-sdk-nodejs-scf';
import type { RunningSandbox } from './sandbox.ts';

/** Functions of the tests' own. */
export const FIXTURES = path.resolve(import.meta.dirname, 'fixtures/functions');

export function scfClient(sandbox: RunningSandbox, reqTimeout = 20) {
  const { tencentSecretId: secretId, tencentSecretKey: secretKey, region } = sandbox.client;
  return new scf.v20180416.Client({
    credential: { secretId, secretKey },
    region,
    profile: { httpProfile: { endpoint: sandbox.host, protocol: 'http://', reqTimeout } },
  });
}

export type Invoked = {
  requestId: string;
  function: string;
  jobId?: string;
  state: string;
  runs: number;
  message: string | null;
  callbacks: { kind: string; status: number | null }[];
};

export async function invocations(sandbox: RunningSandbox): Promise<Invoked[]> {
  return (await sandbox.control<{ invocations: Invoked[] }>('GET', '/_control/scf/invocations')).invocations;
}
