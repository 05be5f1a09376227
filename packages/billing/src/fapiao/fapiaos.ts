import { AppError, type Fapiao, type FapiaoStatus, type FapiaoTitle, inputInvalid } from '@yunshang/contracts';
import { type Actor, type Clock, type Db, inTransaction, shanghaiDay } from '@yunshang/db';
import { lockUser } from '../quota/ledger.store.ts';
import { findFapiao, listFapiao, toFapiao } from './fapiao.store.ts';
import type { FapiaoFiles, FapiaoIssuer, IssuedDocument } from './issuer.ts';
import { requestFapiao, type RequestFapiao } from './request-fapiao.ts';
import { isTaxCode } from './tax-code.ts';
import { deleteTitle, insertTitle, listTitles } from './title.store.ts';
import { getFapiao, workFapiao } from './work-fapiao.ts';

/** How many titles a member keeps: more is a mistake of a program. */
const TITLES_MAX = 20;
const FILE_TTL_SECONDS = 600;

type Page = { cursor?: string | undefined; limit: number };
type Listed = { items: Fapiao[]; nextCursor: string | null };
export type AddTitle = { kind: FapiaoTitle['kind']; name: string; taxNo?: string | undefined };
export type IssueFapiao = IssuedDocument & { fapiaoId: string };

export type Fapiaos = {
  /** INPUT_INVALID for a code whose check character is wrong, STATE_CONFLICT (too_many_titles). */
  addTitle(userId: string, input: AddTitle): Promise<FapiaoTitle>;
  listTitles(userId: string): Promise<FapiaoTitle[]>;
  /** What was asked for with it stays. FAPIAO_TITLE_NOT_FOUND. */
  removeTitle(userId: string, titleId: string): Promise<void>;
  request(actor: Actor, input: RequestFapiao): Promise<Fapiao>;
  list(userId: string, page: Page): Promise<Listed>;
  /** A signed address of the file. FAPIAO_NOT_FOUND, also while there is none, and for others'. */
  file(userId: string, input: { fapiaoId: string; which: 'blue' | 'red' }): Promise<{ url: string; expiresAt: string }>;
  /** For finance: whose they are does not matter. */
  search(
    page: Page & { orderId?: string | undefined; status?: FapiaoStatus | undefined; redDue?: boolean | undefined },
  ): Promise<Listed>;
  /** Somebody of finance takes it up. FAPIAO_NOT_FOUND, STATE_CONFLICT. */
  begin(actor: Actor, fapiaoId: string): Promise<Fapiao>;
  /** It has been issued under this number. FAPIAO_NOT_FOUND, STATE_CONFLICT, INPUT_INVALID (no such file), STORAGE_UNAVAILABLE. */
  issue(actor: Actor, input: IssueFapiao): Promise<Fapiao>;
  /** A red one took it back. As `issue`. */
  redFlush(actor: Actor, input: IssueFapiao): Promise<Fapiao>;
  /** Nothing was issued. FAPIAO_NOT_FOUND, STATE_CONFLICT. */
  reject(actor: Actor, input: { fapiaoId: string; reason: string }): Promise<Fapiao>;
};

export function createFapiaos(deps: { db: Db; clock: Clock; issuer: FapiaoIssuer; files: FapiaoFiles }): Fapiaos {
  const { db, clock, issuer, files } = deps;
  const page = async (of: Parameters<typeof listFapiao>[1]): Promise<Listed> => {
    const { items, nextCursor } = await listFapiao(db, of);
    return { items: items.map(toFapiao), nextCursor };
  };
  /** The issuer is asked before anything is locked. */
  async function record(actor: Actor, { fapiaoId, ...claim }: IssueFapiao, to: 'issued' | 'red_flushed') {
    if (claim.issuedOn > shanghaiDay(clock.now()))
      throw inputInvalid('issuedOn', 'future', {
        zh: '开票日期不能晚于今天',
        en: 'It can not be issued on a day to come',
      });
    const document = await issuer.confirm(await getFapiao(db, fapiaoId), claim);
    return workFapiao(deps, actor, { fapiaoId, change: { to, ...document } });
  }
  return {
    addTitle: (userId, input) => addTitle(deps, userId, input),
    listTitles: (userId) => listTitles(db, userId),
    removeTitle: async (userId, titleId) => {
      const isRemoved = await inTransaction(db, (tx) => deleteTitle(tx, { userId, titleId }));
      if (!isRemoved) throw new AppError('FAPIAO_TITLE_NOT_FOUND');
    },
    request: (actor, input) => requestFapiao(deps, actor, input),
    list: (userId, of) => page({ ...of, userId }),
    search: page,
    file: async (userId, { fapiaoId, which }) => {
      const fapiao = await findFapiao(db, fapiaoId, userId);
      const key = which === 'blue' ? fapiao?.objectKey : fapiao?.redObjectKey;
      if (key === undefined || key === null) throw new AppError('FAPIAO_NOT_FOUND');
      const { url, expiresAt } = await files.signedUrl(key, { ttlSeconds: FILE_TTL_SECONDS, now: clock.now() });
      return { url, expiresAt: expiresAt.toISOString() };
    },
    begin: (actor, fapiaoId) => workFapiao(deps, actor, { fapiaoId, change: { to: 'issuing' } }),
    issue: (actor, input) => record(actor, input, 'issued'),
    redFlush: (actor, input) => record(actor, input, 'red_flushed'),
    reject: (actor, { fapiaoId, reason }) => workFapiao(deps, actor, { fapiaoId, change: { to: 'rejected', reason } }),
  };
}

async function addTitle(
  { db, clock }: { db: Db; clock: Clock },
  userId: string,
  { kind, name, taxNo }: AddTitle,
): Promise<FapiaoTitle> {
  if (taxNo !== undefined && !isTaxCode(taxNo))
    throw inputInvalid('taxNo', 'check_digit', {
      zh: '统一社会信用代码的校验码不正确，请核对',
      en: 'The check character of the unified social credit code is wrong; look at it again',
    });
  return inTransaction(db, async (tx) => {
    await lockUser(tx, userId);
    if ((await listTitles(tx, userId)).length >= TITLES_MAX)
      throw new AppError('STATE_CONFLICT', { reason: 'too_many_titles' });
    return insertTitle(tx, { userId, title: { kind, name, taxNo: taxNo ?? null }, now: clock.now() });
  });
}
