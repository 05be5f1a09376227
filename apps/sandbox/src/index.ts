export { createSandbox, type SandboxState } from './app.ts';
export { readConfig, type SandboxConfig } from './config.ts';
export { generateSandboxCredentials, type ClientCredentials, type SandboxCredentials } from './credentials.ts';
export type { FaultSpec, Vendor } from './fault-schema.ts';
