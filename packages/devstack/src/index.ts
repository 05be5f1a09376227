export { createDatabase, type OwnDatabase } from './database.ts';
export { credentialsFile, readDevPlan, type DevPlan } from './dev-plan.ts';
export { fakeClock, type FakeClock } from './fake-clock.ts';
export { startProcess, type NodeProcess, type NodeProcessOptions } from './node-process.ts';
export { until, type PollOptions } from './poll.ts';
export { freePort } from './ports.ts';
export { startServices, type Services, type ServicesOptions } from './services.ts';
export { readVendorSettings, startSandbox, type Sandbox, type SandboxOptions, type VendorSettings } from './sandbox.ts';
export { sandboxControl } from './sandbox-control.ts';
export type {
  BillPlan,
  BookedOrder,
  FaultRequest,
  LoggedCall,
  ModerationVerdict,
  NotifyRequest,
  Robot,
  RunningHubTask,
  SandboxControl,
  ScfInvocation,
  SmsMessage,
  StoredObject,
  Vendor,
  WechatOrder,
  WechatPayment,
} from './sandbox-control.ts';
export { appEnvironment, type AppEnvironmentSources } from './app-environment.ts';
export { startStack, type Stack, type StackOptions } from './stack.ts';
export { makeBilledOrders, makeRefund, type BilledOrder, type BilledRefund } from './billed-orders.ts';
export { plantDifferences, PLANTED_ORDERS } from './planted-bills.ts';
export { makeMember, makeMembers, type MadeMember, type MemberOptions } from './members.ts';
