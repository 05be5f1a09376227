import { randomBytes, randomUUID } from 'node:crypto';

export const ROBOT_FORMATS = ['wecom', 'feishu', 'json'] as const;
export type RobotFormat = (typeof ROBOT_FORMATS)[number];

/** A robot of a chat, or a system of ours that takes signed JSON. Whoever knows `key` may speak to it. */
export type Robot = { format: RobotFormat; key: string; secret: string };
/** What the robot said in its chat. */
export type RobotMessage = { key: string; format: RobotFormat; text: string; at: string };

/** Robots that somebody added to a chat; gone with a reset. */
export type Robots = {
  add(format: RobotFormat): Robot;
  find(format: RobotFormat, key: string): Robot | undefined;
  say(message: RobotMessage): void;
  /** Oldest first. */
  messages(key?: string): RobotMessage[];
  reset(): void;
};

export function createRobots(): Robots {
  const robots = new Map<string, Robot>();
  let said: RobotMessage[] = [];
  return {
    add(format) {
      const robot = { format, key: randomUUID(), secret: randomBytes(16).toString('base64url') };
      robots.set(robot.key, robot);
      return robot;
    },
    find(format, key) {
      const robot = robots.get(key);
      return robot?.format === format ? robot : undefined;
    },
    say: (message) => void said.push(message),
    messages: (key) => said.filter((message) => key === undefined || message.key === key),
    reset() {
      robots.clear();
      said = [];
    },
  };
}
