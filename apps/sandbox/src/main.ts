import { createSandbox } from './app.ts';
import { assertNotProduction, processEnvironment, readConfig } from './config.ts';
import { keptCredentials } from './credentials-file.ts';

/**
 * Starts the sandbox and prints one line of JSON on stdout when it listens: `{"ready":true,"port":N}`.
 * Ends on SIGTERM or SIGINT, and with its stdin when SANDBOX_EXIT_WITH_STDIN=1.
 */
async function main(): Promise<void> {
  assertNotProduction();
  const { variables, hasCredentials, credentialsFile, exitWithStdin } = processEnvironment();
  const kept = hasCredentials ? undefined : await keptCredentials(credentialsFile);
  if (kept !== undefined) process.stderr.write(`sandbox credentials: ${kept.file}\n`);
  const config = readConfig({ ...kept?.env, ...variables });
  const { app } = createSandbox(config);

  let closing = false;
  const close = (): void => {
    if (closing) return;
    closing = true;
    void app.close().finally(() => process.exit(0));
  };
  process.once('SIGTERM', close);
  process.once('SIGINT', close);
  if (exitWithStdin) process.stdin.once('close', close).once('end', close).resume();

  await app.listen({ host: config.host, port: config.port });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
