/** @portkey-ai/gateway's own Node server as it is shipped, told its port and to show no console. usage: gateway-main.ts <port> */
const port = Number(process.argv[2]);
process.argv.push(`--port=${port}`, '--headless');
await import(import.meta.resolve('@portkey-ai/gateway/build/start-server.js'));
// Its banner does not end its line.
console.log(`\n${JSON.stringify({ ready: true, port })}`);
