import { newId } from '@yunshang/db';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRig, type Rig } from '../../test/rig.ts';
import type { FileRef, ProviderCall } from './provider.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await createRig();
});
afterAll(() => rig.close());

async function callFor(endpoint: string, pictures: number): Promise<ProviderCall> {
  const userId = newId();
  const images: FileRef[] = [];
  for (let index = 0; index < pictures; index += 1) {
    const file = `u/${userId}/uploads/${newId()}.jpg`;
    await rig.storage.put(file, rig.garment, 'image/jpeg');
    images.push({ file, contentType: 'image/jpeg', bytes: rig.garment.length, width: null, height: null });
  }
  const { signal } = new AbortController();
  return { taskId: newId(), userId, stepIndex: 0, attemptNo: 1, endpoint, input: { image: images[0], images }, signal };
}

test.each(['builtin-image-engine', 'tencent-ci'])('%s cuts out one picture, and a list in its order', async (ref) => {
  const provider = rig.provider(ref);
  const one = await provider.run?.(await callFor('garment.cutout', 1));
  const all = await provider.run?.(await callFor('garment.cutout_all', 2));
  const image = one?.files['image'];
  const images = all?.files['images'];
  if (image === undefined || !('bytes' in image) || images === undefined || 'bytes' in images)
    throw new Error('not one and a list');
  expect(images).toHaveLength(2);
  for (const { bytes, contentType } of [image, ...images]) {
    expect(contentType).toBe('image/png');
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', hasAlpha: true });
  }
});

test('cut-outs whose answer was lost are found again, all of them or none', async () => {
  const call = await callFor('garment.cutout_all', 2);
  const provider = rig.provider('tencent-ci');
  expect(await provider.lookup?.(call)).toBeUndefined();
  const made = await provider.run?.(call);
  expect(await provider.lookup?.(call)).toEqual(made);
});
