import { inputInvalid } from '@yunshang/contracts';
import type { StoredFapiao } from './fapiao.ts';

/** A document that the tax bureau numbered, blue or red, and where its file is. */
export type IssuedDocument = { number: string; issuedOn: string; objectKey: string };

/**
 * Who issues. It is asked outside of any transaction for what is to be recorded as issued, and answers the document as it stands behind it,
 * or throws: the claim is what the caller says, by hand or from a vendor's notification, and an issuer that can ask its vendor does so.
 */
export type FapiaoIssuer = {
  /** INPUT_INVALID, STORAGE_UNAVAILABLE. */
  confirm(fapiao: StoredFapiao, claim: IssuedDocument): Promise<IssuedDocument>;
};

/** What of a bucket is needed. */
export type FapiaoFiles = {
  head(key: string): Promise<{ bytes: number } | undefined>;
  signedUrl(key: string, lifetime: { ttlSeconds: number; now: Date }): Promise<{ url: string; expiresAt: Date }>;
};

/** Finance issues at the tax bureau's platform and puts the file into the bucket; that it is there is all that can be seen from here. */
export function manualIssuer(files: FapiaoFiles): FapiaoIssuer {
  return {
    confirm: async (_fapiao, claim) => {
      const file = await files.head(claim.objectKey);
      if (file === undefined || file.bytes === 0)
        throw inputInvalid('objectKey', 'missing_file', {
          zh: '存储桶中没有这个文件，请先上传',
          en: 'There is no such file in the bucket; put it there first',
        });
      return claim;
    },
  };
}
