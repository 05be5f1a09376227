/** The vendor's code alone: its messages can repeat the phone. */
export class SmsRefused extends Error {
  override name = 'SmsRefused';
  readonly vendorCode: string;

  constructor(vendorCode: string) {
    super(`Tencent SMS refused: ${vendorCode}`);
    this.vendorCode = vendorCode;
  }
}
