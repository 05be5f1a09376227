import { AppError, type Feature, type FeatureForm } from '@yunshang/contracts';
import type { Db } from '@yunshang/db';
import { accessRefusal, canSee, type Member } from './feature-access.ts';
import type { FeatureCatalog, LiveFeature } from './feature.store.ts';
import { findMember } from './member.store.ts';

export type Features = {
  /** What this person may see, in display order. */
  list(userId: string, now: Date): Promise<Feature[]>;
  /** The form to fill in; refused like the feature itself. */
  form(userId: string, featureId: string, now: Date): Promise<FeatureForm>;
};

/** Reading of features by members. Throws USER_NOT_FOUND for a person that is gone. */
export function createFeatures(deps: { db: Db; catalog: FeatureCatalog }): Features {
  const { db, catalog } = deps;
  return {
    list: async (userId, now) => {
      const [member, features] = await Promise.all([getMember(db, userId, now), catalog.list()]);
      return features.filter(({ definition }) => canSee(definition, member)).map(toFeature);
    },
    form: async (userId, featureId, now) => {
      const [member, feature] = await Promise.all([getMember(db, userId, now), catalog.get(featureId)]);
      if (feature === undefined || !canSee(feature.definition, member))
        throw new AppError(accessRefusal(feature?.definition, member) ?? 'FEATURE_NOT_FOUND');
      return { featureId, version: feature.definition.formVersion, ...feature.form };
    },
  };
}

async function getMember(db: Db, userId: string, now: Date): Promise<Member> {
  const member = await findMember(db, userId, now);
  if (member === undefined) throw new AppError('USER_NOT_FOUND');
  return member;
}

function toFeature({ definition: f }: LiveFeature): Feature {
  return {
    featureId: f.featureId,
    title: f.title,
    description: f.description,
    iconUrl: f.iconUrl,
    category: f.category,
    quotaCost: f.quotaCost,
    rateLimit: f.rateLimitPolicy,
    outputType: f.outputType,
    displayOrder: f.displayOrder,
  };
}
