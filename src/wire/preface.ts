// Which version of HTTP a cleartext connection speaks, told by its first bytes: HTTP/2 with prior knowledge begins with
// a preface that no HTTP/1.1 request can be (RFC 9113 §3.4). It consumes nothing, and it does not wait for ever.

import type { Socket } from 'node:net'

const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

const TIMED_OUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'

export type HttpVersion = '1.1' | '2'

/**
 * Says once which version a socket speaks, as soon as its bytes tell, and leaves them all to be read. A socket that
 * does not tell within `timeoutMs` is answered 408 and destroyed.
 */
export function tellVersion(socket: Socket, timeoutMs: number, told: (version: HttpVersion) => void): void {
  let seen = Buffer.alloc(0)
  const settle = (): void => {
    clearTimeout(deadline)
    socket.off('readable', read).off('end', ended).off('error', ignore).off('close', closed)
  }
  const tell = (version: HttpVersion): void => {
    settle()
    if (seen.length > 0) socket.unshift(seen)
    told(version)
  }
  const read = (): void => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      seen = Buffer.concat([seen, chunk])
      const compared = Math.min(seen.length, PREFACE.length)
      if (seen.compare(PREFACE, 0, compared, 0, compared) !== 0) return tell('1.1')
      if (compared === PREFACE.length) return tell('2')
    }
  }
  const ended = (): void => void socket.destroy()
  const closed = (): void => settle()
  const ignore = (): void => {}
  const deadline = setTimeout(() => {
    settle()
    socket.on('error', ignore).end(TIMED_OUT, () => socket.destroy())
  }, timeoutMs).unref()
  socket.on('readable', read).on('end', ended).on('error', ignore).on('close', closed)
}
