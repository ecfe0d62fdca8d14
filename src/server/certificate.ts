/**
 * A certificate and its private key, looked at before they are used: a server that was given two that do not belong
 * together would refuse every connection. It reads no files.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'

/** PEM texts. */
export interface TlsCertificate {
  /** The certificate, and behind it those that lead to its authority. */
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

export type CertificateErrorCode = 'bad_certificate' | 'bad_key' | 'key_mismatch'

export class CertificateError extends Error {
  readonly code: CertificateErrorCode

  constructor(code: CertificateErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** @returns the server's own certificate. @throws CertificateError */
export const checkCertificate = ({ cert, key }: TlsCertificate): X509Certificate => {
  const own = attempt('bad_certificate', 'the certificate cannot be read', () => new X509Certificate(cert))
  const privateKey = attempt('bad_key', 'the private key cannot be read', () => createPrivateKey(key))
  if (!belongsTo(own, privateKey)) {
    throw new CertificateError('key_mismatch', 'the certificate and the private key do not belong together')
  }
  // The certificates behind the first, and whatever else OpenSSL has against them.
  attempt('bad_certificate', 'the certificate cannot be used', () => createSecureContext({ cert, key }))
  return own
}

const belongsTo = (own: X509Certificate, key: KeyObject): boolean => {
  try {
    return own.checkPrivateKey(key)
  } catch {
    // Keys of two different kinds cannot even be compared.
    return false
  }
}

const attempt = <T>(code: CertificateErrorCode, message: string, make: () => T): T => {
  try {
    return make()
  } catch (cause) {
    throw new CertificateError(code, `${message}: ${(cause as Error).message}`, cause)
  }
}
