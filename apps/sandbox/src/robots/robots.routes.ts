import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { header, parseJsonObject, rawBody } from '../http.ts';
import { runVendorCall, VendorError, type Answer, type CallDeps } from '../vendor-call.ts';
import type { Robot, RobotFormat, Robots } from './robots.ts';

type Deps = CallDeps & { robots: Robots; now: () => Date };
type Call = { request: FastifyRequest; reply: FastifyReply };
type Protocol = {
  format: RobotFormat;
  key: string;
  /** Checks who speaks. Throws a VendorError. */
  verify: (robot: Robot) => void;
  /** The text to say. Throws a VendorError. */
  textOf: (robot: Robot) => string;
  unknown: VendorError;
  accepted: Answer;
  refuse: (error: VendorError) => Answer;
};

/** WeCom counts the bytes of a text, Feishu those of a request. */
const WECOM_TEXT_BYTES = 2_048;
const FEISHU_BODY_BYTES = 20 * 1_024;
const FEISHU_WINDOW_SECONDS = 3_600;
const JSON_WINDOW_SECONDS = 300;

const json = (status: number, value: unknown): Answer => ({
  status,
  headers: { 'Content-Type': 'application/json; charset=utf-8' },
  body: Buffer.from(JSON.stringify(value)),
});

/** The robots of WeCom and Feishu chats, each with its own way to refuse, and a system that takes our own signed JSON. */
export function registerRobots(app: FastifyInstance, deps: Deps): void {
  app.post('/cgi-bin/webhook/send', (request, reply) => speak(deps, { request, reply }, wecom(request)));
  app.post('/open-apis/bot/v2/hook/:key', (request, reply) =>
    speak(deps, { request, reply }, feishu(request, deps.now())),
  );
  app.post('/robots/json/:key', (request, reply) => speak(deps, { request, reply }, signedJson(request, deps.now())));
}

function speak(deps: Deps, { reply }: Call, protocol: Protocol): Promise<FastifyReply> {
  const { format, key } = protocol;
  const robot = deps.robots.find(format, key);
  return runVendorCall(deps, reply, {
    vendor: 'robot',
    action: format,
    ids: { robot: key.slice(0, 8) },
    authenticate() {
      if (robot === undefined) throw protocol.unknown;
      protocol.verify(robot);
    },
    perform() {
      if (robot === undefined) throw protocol.unknown;
      deps.robots.say({ key, format, text: protocol.textOf(robot), at: deps.now().toISOString() });
      return protocol.accepted;
    },
    refuse: protocol.refuse,
  });
}

const wecomBody = z.object({ msgtype: z.literal('text'), text: z.object({ content: z.string().min(1) }) });

function wecom(request: FastifyRequest): Protocol {
  const { key = '' } = z.object({ key: z.string().optional() }).parse(request.query);
  return {
    format: 'wecom',
    key,
    verify: () => undefined,
    textOf() {
      const parsed = wecomBody.safeParse(parseJsonObject(rawBody(request)));
      if (!parsed.success) throw new VendorError(200, '40008', 'invalid message type');
      const { content } = parsed.data.text;
      if (Buffer.byteLength(content) > WECOM_TEXT_BYTES)
        throw new VendorError(200, '40058', 'text.content exceed max length 2048');
      return content;
    },
    unknown: new VendorError(200, '93000', 'invalid webhook url'),
    accepted: json(200, { errcode: 0, errmsg: 'ok' }),
    refuse: ({ status, code, message }) => json(status, { errcode: numberOf(code), errmsg: message }),
  };
}

const feishuBody = z.object({
  timestamp: z.string(),
  sign: z.string(),
  msg_type: z.literal('text'),
  content: z.object({ text: z.string().min(1) }),
});

function feishu(request: FastifyRequest, now: Date): Protocol {
  const raw = rawBody(request);
  const parsed = feishuBody.safeParse(parseJsonObject(raw));
  return {
    format: 'feishu',
    key: keyOf(request),
    verify({ secret }) {
      const { timestamp, sign } = parsed.data ?? { timestamp: '', sign: '' };
      const wanted = createHmac('sha256', `${timestamp}\n${secret}`).digest('base64');
      const isLate = !(Math.abs(now.getTime() / 1000 - Number(timestamp)) <= FEISHU_WINDOW_SECONDS);
      if (isLate || !isSame(sign, wanted))
        throw new VendorError(200, '19021', 'sign match fail or timestamp is not within one hour from current time');
    },
    textOf() {
      if (!parsed.success) throw new VendorError(200, '9499', 'Bad Request');
      if (raw.length > FEISHU_BODY_BYTES) throw new VendorError(200, '11246', 'request body is too large');
      return parsed.data.content.text;
    },
    unknown: new VendorError(200, '19001', 'param invalid: incoming webhook access token invalid'),
    accepted: json(200, { StatusCode: 0, StatusMessage: 'success', code: 0, data: {}, msg: 'success' }),
    refuse: ({ status, code, message }) => json(status, { code: numberOf(code), data: {}, msg: message }),
  };
}

const signedBody = z.object({
  id: z.string(),
  kind: z.string(),
  text: z.string(),
  details: z.record(z.string(), z.json()),
});

function signedJson(request: FastifyRequest, now: Date): Protocol {
  const raw = rawBody(request);
  return {
    format: 'json',
    key: keyOf(request),
    verify({ secret }) {
      const timestamp = header(request, 'x-yunshang-timestamp') ?? '';
      const wanted = createHmac('sha256', secret).update(`${timestamp}.`).update(raw).digest('hex');
      const isLate = !(Math.abs(now.getTime() / 1000 - Number(timestamp)) <= JSON_WINDOW_SECONDS);
      if (isLate || !isSame(header(request, 'x-yunshang-signature') ?? '', `v1=${wanted}`))
        throw new VendorError(401, 'BAD_SIGNATURE', 'the signature does not fit, or is too old');
    },
    textOf() {
      const parsed = signedBody.safeParse(parseJsonObject(raw));
      if (!parsed.success) throw new VendorError(400, 'BAD_BODY', 'not the body that is documented');
      return parsed.data.text;
    },
    unknown: new VendorError(404, 'NOT_FOUND', 'nobody listens here'),
    accepted: { status: 204, headers: {}, body: Buffer.alloc(0) },
    refuse: ({ status, code, message }) => json(status, { code, message }),
  };
}

function keyOf(request: FastifyRequest): string {
  return z.object({ key: z.string() }).parse(request.params).key;
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Robots say numbers; a fault may have named something else. */
function numberOf(code: string): number | string {
  return /^\d+$/.test(code) ? Number(code) : code;
}
