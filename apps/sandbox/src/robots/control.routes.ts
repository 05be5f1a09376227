import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { refuseBody } from '../control/control-error.ts';
import { parseJsonObject, rawBody } from '../http.ts';
import { ROBOT_FORMATS, type Robot, type Robots } from './robots.ts';

const body = z.strictObject({ format: z.enum(ROBOT_FORMATS) });
const messagesQuery = z.strictObject({ key: z.string().optional() });

const PATHS = {
  wecom: ({ key }: Robot) => `/cgi-bin/webhook/send?key=${key}`,
  feishu: ({ key }: Robot) => `/open-apis/bot/v2/hook/${key}`,
  json: ({ key }: Robot) => `/robots/json/${key}`,
};

/** Adds robots to chats, as somebody does in the vendor's program, and reads what they said. */
export function registerRobotControl(app: FastifyInstance, robots: Robots): void {
  app.post('/_control/robots', (request, reply) => {
    const parsed = body.safeParse(parseJsonObject(rawBody(request)));
    if (!parsed.success) return refuseBody(reply, parsed.error);
    const robot = robots.add(parsed.data.format);
    return reply.code(201).send({ ...robot, url: `http://${request.host}${PATHS[robot.format](robot)}` });
  });
  app.get('/_control/robots/messages', (request, reply) => {
    const parsed = messagesQuery.safeParse(request.query);
    return parsed.success
      ? reply.send({ messages: robots.messages(parsed.data.key) })
      : refuseBody(reply, parsed.error);
  });
}
