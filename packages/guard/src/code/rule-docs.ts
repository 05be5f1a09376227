import type { RuleDoc } from '../report/rule-doc.ts';
import { balanceDocs } from './rules/balance.docs.ts';
import { paymentDocs } from './rules/payment.docs.ts';
import { refundDocs } from './rules/refund.docs.ts';
import { secrecyDocs } from './rules/secrecy.docs.ts';
import { taskDocs } from './rules/task.docs.ts';
import { vendorDocs } from './rules/vendor.docs.ts';

/** BG2xx. */
export const codeRuleDocs: readonly RuleDoc[] = [
  ...balanceDocs,
  ...vendorDocs,
  ...refundDocs,
  ...taskDocs,
  ...paymentDocs,
  ...secrecyDocs,
].map((doc) => ({ ...doc, area: 'code' }));
