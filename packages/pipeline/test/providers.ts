import { ProviderFailure, type Provider, type ProviderCall, type ProviderResult } from '../src/index.ts';

/** Answers at once with these bytes. */
export function quickProvider(ref: string, jpeg: Buffer): Provider & { calls: ProviderCall[] } {
  const calls: ProviderCall[] = [];
  return {
    ref,
    calls,
    run: async (call) => {
      calls.push(call);
      return resultOf(jpeg);
    },
  };
}

export function resultOf(jpeg: Buffer): ProviderResult {
  return { output: {}, files: { image: { bytes: jpeg, contentType: 'image/jpeg', width: 768, height: 1024 } } };
}

/** A provider whose calls end when the test says so: by a result, a failure or never. */
export function heldProvider(ref: string): Provider & {
  called: Promise<ProviderCall>;
  finish(jpeg: Buffer): void;
  fail(failure: ProviderFailure): void;
} {
  const called = Promise.withResolvers<ProviderCall>();
  const answer = Promise.withResolvers<ProviderResult>();
  return {
    ref,
    called: called.promise,
    finish: (jpeg) => answer.resolve(resultOf(jpeg)),
    fail: (failure) => answer.reject(failure),
    run: (call) => {
      called.resolve(call);
      return answer.promise;
    },
  };
}

export function failingProvider(ref: string, failure: ProviderFailure): Provider {
  return {
    ref,
    run: async () => {
      throw failure;
    },
  };
}
