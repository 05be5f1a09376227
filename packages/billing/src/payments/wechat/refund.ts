import { z } from 'zod';

/** What WeChat Pay knows of a refund of ours. */
export type WechatRefund = {
  outRefundNo: string;
  /** WeChat's own number. */
  vendorRefundId: string;
  transactionId: string;
  amountFen: number;
  status: 'PROCESSING' | 'SUCCESS' | 'CLOSED' | 'ABNORMAL';
  successTime?: Date | undefined;
  /** When WeChat Pay took it; a notification does not say. */
  acceptedAt?: Date | undefined;
};

const STATUSES = ['PROCESSING', 'SUCCESS', 'CLOSED', 'ABNORMAL'] as const;
const common = {
  refund_id: z.string().min(1).max(64),
  out_refund_no: z.string().min(1).max(64),
  transaction_id: z.string().min(1).max(64),
  success_time: z.iso.datetime({ offset: true }).optional(),
  amount: z.object({ refund: z.int().positive().max(2_147_483_647) }),
};
/** An answer names the state `status`, a notification `refund_status`. */
const answered = z.object({
  ...common,
  status: z.enum(STATUSES),
  create_time: z.iso.datetime({ offset: true }).optional(),
});
const notified = z.object({ ...common, refund_status: z.enum(STATUSES), mchid: z.string() });

type Common = z.infer<z.ZodObject<typeof common>>;

function refundOf(data: Common, status: WechatRefund['status']): WechatRefund {
  return {
    outRefundNo: data.out_refund_no,
    vendorRefundId: data.refund_id,
    transactionId: data.transaction_id,
    amountFen: data.amount.refund,
    status,
    ...(data.success_time === undefined ? {} : { successTime: new Date(data.success_time) }),
  };
}

/** The refund in an answer about `outRefundNo`; undefined when it does not make sense or speaks of another. */
export function readRefundAnswer(body: unknown, outRefundNo: string): WechatRefund | undefined {
  const parsed = answered.safeParse(body);
  if (!parsed.success || parsed.data.out_refund_no !== outRefundNo) return undefined;
  const { create_time: acceptedAt } = parsed.data;
  return {
    ...refundOf(parsed.data, parsed.data.status),
    ...(acceptedAt === undefined ? {} : { acceptedAt: new Date(acceptedAt) }),
  };
}

/** The refund in an opened notification, which must be about that merchant. */
export function readRefundNotification(body: unknown, mchid: string): WechatRefund | undefined {
  const parsed = notified.safeParse(body);
  if (!parsed.success || parsed.data.mchid !== mchid) return undefined;
  return refundOf(parsed.data, parsed.data.refund_status);
}
