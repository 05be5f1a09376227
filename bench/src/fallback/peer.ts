import { postJson, rawClient } from '../raw-client.ts';

/** Calls one after the other over one kept connection; each gives its time in ms. */
export type Caller = { call(): Promise<number>; close(): void };

export const BODY = { model: 'bench', messages: [{ role: 'user', content: 'say a few words' }] };

const PATH = '/v1/chat/completions';

/** Through the gateway: fallback over two targets in order, everything else as it comes. */
export function callGateway(port: number, vendorUrl: string, primary: 'good' | 'dead'): Promise<Caller> {
  const target = (path: string): unknown => ({
    provider: 'openai',
    api_key: 'bench',
    custom_host: `${vendorUrl}/${path}/v1`,
  });
  const config = JSON.stringify({ strategy: { mode: 'fallback' }, targets: [target(primary), target('good')] });
  return callerOf(port, postJson(PATH, { 'x-portkey-config': config }, BODY));
}

/** The vendor itself with nobody between: what both have to beat. */
export function callVendor(vendorUrl: string): Promise<Caller> {
  const { port } = new URL(vendorUrl);
  return callerOf(Number(port), postJson(`/good${PATH}`, { authorization: 'Bearer bench' }, BODY));
}

async function callerOf(port: number, request: Buffer): Promise<Caller> {
  const client = await rawClient(port);
  return {
    call: async () => {
      const began = performance.now();
      const answer = await client.send(request);
      const tookMs = performance.now() - began;
      if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.body.slice(0, 300)}`);
      return tookMs;
    },
    close: () => client.close(),
  };
}
