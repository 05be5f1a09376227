/** A text message that would be on a member's phone. */
export type SentMessage = {
  serialNo: string;
  phone: string;
  signName: string;
  templateId: string;
  params: string[];
  text: string;
  /** The first parameter of four to six digits of a template for codes. */
  code: string | null;
  sentAt: string;
};

export type Outbox = {
  add(message: SentMessage): void;
  /** Newest first. */
  list(phone?: string): SentMessage[];
  reset(): void;
};

const KEPT_MESSAGES = 5_000;

export function createOutbox(): Outbox {
  let messages: SentMessage[] = [];
  return {
    add(message) {
      messages.unshift(message);
      if (messages.length > KEPT_MESSAGES) messages = messages.slice(0, KEPT_MESSAGES / 2);
    },
    list: (phone) => messages.filter((message) => phone === undefined || message.phone === phone),
    reset() {
      messages = [];
    },
  };
}
