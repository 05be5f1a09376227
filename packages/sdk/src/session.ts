import { asYunshangError } from './errors.ts';
import type { TokenStorage } from './storage.ts';
import type { Tokens } from './types.ts';

const KEY = 'yunshang.session';
/** A token this close to its end is renewed first, so it does not end on the way. */
const RENEW_BEFORE_MS = 30_000;
/** The session is over: no retry brings it back. */
const OVER = new Set<string>(['UNAUTHENTICATED', 'SESSION_ENDED', 'TOKEN_EXPIRED', 'INPUT_INVALID']);

type Stored = { accessToken: string; accessEndsAtMs: number; refreshToken: string; userId: string };

export type Session = {
  /** A token good for the next call; undefined when nobody is signed in. */
  accessToken(): Promise<string | undefined>;
  /** Renews although the token looks good, unless somebody else (another tab) has. False when nobody is signed in. */
  renew(refused: string | undefined): Promise<boolean>;
  isKept(): Promise<boolean>;
  keep(tokens: Tokens): Promise<void>;
  forget(): Promise<void>;
  /** Forgets, and tells the application. */
  end(): Promise<void>;
};

export type SessionDeps = {
  storage: TokenStorage;
  refresh: (refreshToken: string) => Promise<Tokens>;
  onSignedOut: () => void;
};

/** Tokens in the storage, renewed by one call at a time however many ask. */
export function createSession({ storage, refresh, onSignedOut }: SessionDeps): Session {
  let renewing: Promise<Stored | undefined> | undefined;

  const read = async (): Promise<Stored | undefined> => parse(await storage.get(KEY));
  const keep = (tokens: Tokens): Promise<void> => write(storage, toStored(tokens));
  const forget = async (): Promise<void> => storage.remove(KEY);
  const end = async (): Promise<void> => {
    await forget();
    onSignedOut();
  };

  const renewOnce = async (stored: Stored): Promise<Stored | undefined> => {
    try {
      const next = toStored(await refresh(stored.refreshToken));
      // Signed out, or signed in as somebody else, while the answer was on its way: that stays.
      if ((await read())?.refreshToken !== stored.refreshToken) return await read();
      await write(storage, next);
      return next;
    } catch (thrown) {
      const error = asYunshangError(thrown);
      if (!OVER.has(error.code)) throw error;
      const now = await read();
      if (now?.refreshToken !== stored.refreshToken) return now;
      await end();
      throw error;
    }
  };
  const renewed = (stored: Stored): Promise<Stored | undefined> => {
    renewing ??= renewOnce(stored).finally(() => {
      renewing = undefined;
    });
    return renewing;
  };

  return {
    isKept: async () => (await read()) !== undefined,
    keep,
    forget,
    end,
    accessToken: async () => {
      const stored = await read();
      if (stored === undefined) return undefined;
      const fresh = stored.accessEndsAtMs - Date.now() > RENEW_BEFORE_MS ? stored : await renewed(stored);
      return fresh?.accessToken;
    },
    renew: async (refused) => {
      const stored = await read();
      if (stored === undefined) return false;
      const fresh = stored.accessToken === refused ? await renewed(stored) : stored;
      return fresh !== undefined;
    },
  };
}

function toStored({ accessToken, expiresInSeconds, refreshToken, userId }: Tokens): Stored {
  return { accessToken, accessEndsAtMs: Date.now() + expiresInSeconds * 1000, refreshToken, userId };
}

async function write(storage: TokenStorage, stored: Stored): Promise<void> {
  await storage.set(KEY, JSON.stringify(stored));
}

function parse(text: string | null | undefined): Stored | undefined {
  if (text === null || text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isStored(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isStored(value: unknown): value is Stored {
  return (
    typeof value === 'object' &&
    value !== null &&
    'accessToken' in value &&
    'refreshToken' in value &&
    typeof value.accessToken === 'string' &&
    typeof value.refreshToken === 'string' &&
    'accessEndsAtMs' in value &&
    typeof value.accessEndsAtMs === 'number'
  );
}
