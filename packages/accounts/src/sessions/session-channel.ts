import type { Redis } from 'ioredis';
import type { Log } from '../log.ts';

/** What other processes shall forget about. */
export type SessionNews = { sessionId: string } | { userId: string };

export type SessionChannel = {
  /** Tells every process, this one too. Never throws: who misses it learns from the database when their cache ends. */
  tell(news: SessionNews): Promise<void>;
  close(): void;
};

const CHANNEL = 'yunshang:sessions';

/** Redis pub/sub, only for speed. `onGap` is called when messages may have been missed. */
export function createSessionChannel(
  redis: { publisher: Redis; subscriber: Redis },
  on: { news: (news: SessionNews) => void; gap: () => void; log: Log },
): SessionChannel {
  const { publisher, subscriber } = redis;
  subscriber.on('message', (_channel: string, message: string) => {
    const news = readNews(message);
    if (news !== undefined) on.news(news);
  });
  subscriber.on('close', on.gap);
  subscriber.on('ready', on.gap);
  // Kept and made again by ioredis when it reconnects.
  subscriber.subscribe(CHANNEL).catch(() => on.gap());
  return {
    async tell(news) {
      on.news(news);
      try {
        await publisher.publish(CHANNEL, 'userId' in news ? `user:${news.userId}` : `session:${news.sessionId}`);
      } catch {
        on.log.warn({}, 'Redis is away: other processes learn of an ended session from the database');
      }
    },
    close: () => void subscriber.off('close', on.gap).off('ready', on.gap),
  };
}

function readNews(message: string): SessionNews | undefined {
  const [kind, id = ''] = message.split(':');
  if (kind === 'session') return { sessionId: id };
  return kind === 'user' ? { userId: id } : undefined;
}
