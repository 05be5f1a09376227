/** A pause that somebody may cut short. A wake during work is remembered and makes the next pause end at once. */
export type Waker = { wake(): void; pause(ms: number): Promise<void> };

export function createWaker(): Waker {
  let isAwake = false;
  let end: (() => void) | undefined;
  return {
    wake: () => {
      isAwake = true;
      end?.();
    },
    pause: async (ms) => {
      if (!isAwake) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, ms);
        end = resolve;
        await promise;
        clearTimeout(timer);
        end = undefined;
      }
      isAwake = false;
    },
  };
}
