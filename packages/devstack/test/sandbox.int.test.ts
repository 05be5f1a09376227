import { expect, test } from 'vitest';
import { testSandbox } from '@yunshang/devstack/testing';

test("a worker's sandbox is reset when a file asks for it, and takes and gives back faults", async () => {
  const { control, settings } = await testSandbox();
  expect(settings.mchid).toMatch(/^\d{10}$/);
  expect(await control.log()).toEqual([]);
  expect(await control.objects()).toEqual([]);

  await control.fault({ vendor: 'ci', kind: 'error', times: 2 });
  expect(await control.faults()).toMatchObject([{ vendor: 'ci', kind: 'error', times: 2 }]);

  const again = await testSandbox();
  expect(await again.control.faults()).toEqual([]);
});

test("a refusal of the sandbox throws with the sandbox's own words", async () => {
  const { control } = await testSandbox();

  await expect(control.fault({ vendor: 'sms', kind: 'no-such-kind' })).rejects.toThrow(/answered 400.*kind/);
  await expect(control.pay('nobody-ordered-this')).rejects.toThrow(/answered 404.*ORDER_NOT_EXIST/);
});
