import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startProcess, type NodeProcess } from './node-process.ts';
import { keepFolder, makeRunFolder } from './run-folder.ts';
import { sandboxControl, type SandboxControl } from './sandbox-control.ts';

const vendorSettings = z.looseObject({
  mchid: z.string(),
  appid: z.string(),
  merchantSerial: z.string(),
  merchantPrivateKeyPem: z.string(),
  merchantCertPem: z.string(),
  apiV3Key: z.string(),
  platformPublicKeyId: z.string(),
  platformPublicKeyPem: z.string(),
  tencentSecretId: z.string(),
  tencentSecretKey: z.string(),
  bucket: z.string(),
  region: z.string(),
  smsSdkAppId: z.string(),
  smsSignName: z.string(),
  smsTemplateId: z.string(),
  smsNoticeTemplateId: z.string(),
  /** `id:secret` that cloud functions sign their callbacks with. */
  callbackKeys: z.string(),
  runninghubKeyA: z.string(),
  runninghubKeyB: z.string(),
  runninghubPoseWorkflowA: z.string(),
  runninghubPoseWorkflowB: z.string(),
  runninghubVideoWorkflowA: z.string(),
  runninghubVideoWorkflowB: z.string(),
  runninghubUnsavedWorkflow: z.string(),
  runninghubPoseWebapp: z.string(),
  runninghubVideoWebapp: z.string(),
});

/** What a client of the vendors holds: keys, certificates and names that belong to this sandbox. */
export type VendorSettings = z.infer<typeof vendorSettings>;

const credentialsFile = z.object({ client: vendorSettings });

export type Sandbox = {
  url: string;
  control: SandboxControl;
  settings: VendorSettings;
  process: NodeProcess;
  stop(): Promise<void>;
};

export type SandboxOptions = {
  /** Multiplies the pauses of the vendors' schedules; 0.001 turns 15 s into 15 ms. */
  timeScale?: number;
  /** Keep credentials and log in this folder; without it they live and die with the sandbox. */
  dataDir?: string;
};

/** The vendors' sandbox as a process of its own, with fresh credentials. */
export async function startSandbox({ timeScale = 0.001, dataDir }: SandboxOptions = {}): Promise<Sandbox> {
  const folder = dataDir === undefined ? makeRunFolder() : keepFolder(dataDir);
  const credentials = join(folder.path, 'sandbox-credentials.json');
  const child = await startProcess({
    name: 'sandbox',
    main: 'apps/sandbox/src/main.ts',
    folder: folder.path,
    portVariable: 'PORT',
    env: { SANDBOX_CREDENTIALS_FILE: credentials, SANDBOX_TIME_SCALE: String(timeScale) },
  });
  return {
    url: child.url,
    control: sandboxControl(child.url),
    settings: readVendorSettings(credentials),
    process: child,
    stop: async () => {
      await child.stop();
      folder.remove();
    },
  };
}

/** The client's half of a credentials file the sandbox wrote. */
export function readVendorSettings(file: string): VendorSettings {
  return credentialsFile.parse(JSON.parse(readFileSync(file, 'utf8'))).client;
}

export const vendorSettingsSchema = vendorSettings;
