import type { Configuration, Feature, FormBody, PipelineBody, Provider } from './configuration.ts';

export type Version<Body> = { featureId: string; version: number; status?: string | undefined; body: Body };

/** The configuration with its parts found by their names, at a moment. */
export type Facts = {
  readonly configuration: Configuration;
  /** Decides which unit prices hold. */
  readonly now: Date;
  /** Undefined when nothing is known of providers at all. */
  readonly providers: ReadonlyMap<string, Provider> | undefined;
  /** Versions that a feature points at or may come to, and those whose feature does not exist yet. */
  readonly pipelines: readonly Version<PipelineBody>[];
  readonly forms: readonly Version<FormBody>[];
};

export function factsOf(configuration: Configuration, now: Date): Facts {
  const { features, providers, pipelines, forms } = configuration;
  const pointed = (field: 'formVersion' | 'pipelineVersion') =>
    new Map(features.map((feature) => [feature.featureId, feature[field]]));
  return {
    configuration,
    now,
    providers: providers && new Map(providers.map((provider) => [provider.providerRef, provider])),
    pipelines: pipelines.filter(isInUse(pointed('pipelineVersion'))),
    forms: forms.filter(isInUse(pointed('formVersion'))),
  };
}

function isInUse(pointed: ReadonlyMap<string, number | undefined>) {
  return ({
    featureId,
    version,
    status,
  }: {
    featureId: string;
    version: number;
    status?: string | undefined;
  }): boolean => {
    if (!pointed.has(featureId)) return status !== 'archived';
    const current = pointed.get(featureId);
    return current === undefined || current === version || (version > current && status !== 'archived');
  };
}

/** The pipeline that the feature points at, or the only one there is when it names none. */
export function pipelineOf(facts: Facts, feature: Feature): Version<PipelineBody> | undefined {
  return versionFor(facts.configuration.pipelines, feature.featureId, feature.pipelineVersion);
}

/** The form that the feature points at, or the only one there is when it names none. */
export function formOf(facts: Facts, feature: Feature): Version<FormBody> | undefined {
  return versionFor(facts.configuration.forms, feature.featureId, feature.formVersion);
}

function versionFor<T extends { featureId: string; version: number }>(
  versions: readonly T[],
  featureId: string,
  version: number | undefined,
): T | undefined {
  const own = versions.filter((candidate) => candidate.featureId === featureId);
  return version === undefined ? own.at(-1) : own.find((candidate) => candidate.version === version);
}
