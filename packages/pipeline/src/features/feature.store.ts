import {
  formSchemaSchema,
  pipelineSchemaSchema,
  type FeatureDefinition,
  type FormSchema,
  type PipelineSchema,
} from '@yunshang/contracts';
import { fromJson, type Clock, type Db } from '@yunshang/db';
import { definitionOf } from './feature-row.ts';

/** A feature that is switched on, with the published form and pipeline it points at. */
export type LiveFeature = { definition: FeatureDefinition; form: FormSchema; pipeline: PipelineSchema };
/** The form and pipeline a task began with. */
export type FeatureVersion = { form: FormSchema; pipeline: PipelineSchema };

export type FeatureCatalog = {
  /** Undefined when the feature does not exist, is off, deleted, or points at something unpublished. */
  get(featureId: string): Promise<LiveFeature | undefined>;
  /** In display order. */
  list(): Promise<LiveFeature[]>;
  /** Any version that was ever published: they never change, so they are kept. */
  version(featureId: string, formVersion: number, pipelineVersion: number): Promise<FeatureVersion | undefined>;
};

/** How long a change by an operator may stay unseen by this process. */
const FRESH_MS = 3_000;
/** Bounds the memory of long-lived processes; a version costs a few kilobytes. */
const MAX_VERSIONS = 500;

type Snapshot = { until: number; features: Promise<Map<string, LiveFeature>> };

/** The features of this process, read with one query every few seconds at most. */
export function createFeatureCatalog(db: Db, clock: Clock): FeatureCatalog {
  let snapshot: Snapshot | undefined;
  const versions = new Map<string, FeatureVersion>();

  function live(): Promise<Map<string, LiveFeature>> {
    const now = clock.now().getTime();
    if (snapshot === undefined || snapshot.until <= now || snapshot.until > now + FRESH_MS) {
      const fresh: Snapshot = { until: now + FRESH_MS, features: loadLive(db) };
      snapshot = fresh;
      fresh.features.catch(() => {
        if (snapshot === fresh) snapshot = undefined;
      });
    }
    return snapshot.features;
  }

  return {
    get: async (featureId) => (await live()).get(featureId),
    list: async () => [...(await live()).values()],
    version: async (featureId, formVersion, pipelineVersion) => {
      const key = `${featureId}/${formVersion}/${pipelineVersion}`;
      const known = versions.get(key);
      if (known !== undefined) return known;
      const found = await loadVersion(db, { featureId, formVersion, pipelineVersion });
      if (found === undefined) return undefined;
      if (versions.size >= MAX_VERSIONS) versions.clear();
      versions.set(key, found);
      return found;
    },
  };
}

async function loadLive(db: Db): Promise<Map<string, LiveFeature>> {
  const rows = await db
    .selectFrom('feature_definitions as f')
    .innerJoin('form_schemas as s', (on) =>
      on.onRef('s.feature_id', '=', 'f.feature_id').onRef('s.version', '=', 'f.form_version'),
    )
    .innerJoin('pipeline_schemas as p', (on) =>
      on.onRef('p.feature_id', '=', 'f.feature_id').onRef('p.version', '=', 'f.pipeline_version'),
    )
    .selectAll('f')
    .select(['s.body as form', 'p.body as pipeline'])
    .where('f.is_enabled', '=', 1)
    .where('f.deleted_at', 'is', null)
    .where('s.status', '=', 'published')
    .where('p.status', '=', 'published')
    .orderBy('f.display_order')
    .orderBy('f.feature_id')
    .execute();
  return new Map(
    rows.map((row) => {
      const definition = definitionOf(row);
      return [definition.featureId, { definition, ...parseVersion(row.form, row.pipeline) }] as const;
    }),
  );
}

async function loadVersion(
  db: Db,
  of: { featureId: string; formVersion: number; pipelineVersion: number },
): Promise<FeatureVersion | undefined> {
  const row = await db
    .selectFrom('form_schemas as s')
    .innerJoin('pipeline_schemas as p', 'p.feature_id', 's.feature_id')
    .select(['s.body as form', 'p.body as pipeline'])
    .where('s.feature_id', '=', of.featureId)
    .where('s.version', '=', of.formVersion)
    .where('s.status', '<>', 'draft')
    .where('p.version', '=', of.pipelineVersion)
    .where('p.status', '<>', 'draft')
    .executeTakeFirst();
  return row === undefined ? undefined : parseVersion(row.form, row.pipeline);
}

function parseVersion(form: unknown, pipeline: unknown): FeatureVersion {
  return {
    form: formSchemaSchema.parse(fromJson(form)),
    pipeline: pipelineSchemaSchema.parse(fromJson(pipeline)),
  };
}
