// Which version of HTTP a cleartext connection speaks, told by its first bytes: HTTP/2 with prior knowledge begins with
// a preface that no HTTP/1.1 request can be (RFC 9113 §3.4).

const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

/** Whether the preface stands at the beginning. */
export function isPreface(bytes: Buffer): boolean {
  return bytes.length >= PREFACE.length && bytes.compare(PREFACE, 0, PREFACE.length, 0, PREFACE.length) === 0
}

/** Whether it is a part of the preface as far as it goes, so that what follows has to tell. */
export function mayBecomePreface(bytes: Buffer): boolean {
  return bytes.length < PREFACE.length && bytes.compare(PREFACE, 0, bytes.length) === 0
}
