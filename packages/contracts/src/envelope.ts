import type { ErrorCode } from './errors/catalogue.ts';
import { ERRORS } from './errors/catalogue.ts';
import type { ErrorDetails } from './errors/app-error.ts';

/** The shape of every REST answer under /api. */
export type Envelope<T> =
  | { success: true; data: T; message: string; code: 'OK' }
  | {
      success: false;
      data: null;
      message: string;
      code: ErrorCode;
      messageEn: string;
      requestId: string;
      details: ErrorDetails;
    };

/** A REST success. */
export function okEnvelope<T>(data: T): Envelope<T> {
  return { success: true, data, message: '成功', code: 'OK' };
}

/** A REST failure, worded from the catalogue. */
export function errorEnvelope(code: ErrorCode, details: ErrorDetails, requestId: string): Envelope<never> {
  return { success: false, data: null, message: ERRORS[code].zh, messageEn: ERRORS[code].en, code, requestId, details };
}
