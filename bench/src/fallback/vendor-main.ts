/**
 * A vendor as both sides see it: a chat completion after a constant short time below /good, an error of its own after the same
 * time below /dead. GET /calls tells how many came to each. usage: vendor-main.ts <latency in ms>
 */
import { createServer } from 'node:http';

const latencyMs = Number(process.argv[2] ?? '2');
const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'bench',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: Buffer.from('a few words').toString('base64') },
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 },
});
const REFUSAL = JSON.stringify({ error: { message: 'out of order', type: 'server_error' } });
const calls = { good: 0, dead: 0 };

const server = createServer((request, response) => {
  const answer = (status: number, body: string): void => {
    const length = Buffer.byteLength(body);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': length }).end(body);
  };
  request.resume().on('end', () => {
    if (request.url === '/calls') return answer(200, JSON.stringify(calls));
    const isDead = request.url?.startsWith('/dead/') === true;
    calls[isDead ? 'dead' : 'good'] += 1;
    setTimeout(() => (isDead ? answer(500, REFUSAL) : answer(200, ANSWER)), latencyMs);
  });
});
// Longer than any pause of the bench, so that nobody meets a connection that is just being closed.
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(JSON.stringify({ ready: true, port: typeof address === 'object' ? address?.port : undefined }));
});
