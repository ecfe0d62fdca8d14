// A connected socket to where a URL points: directly or through a proxy, plain or with TLS. It speaks no protocol on it.

import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions as TlsOptions, type TLSSocket } from 'node:tls'
import type { Attempt } from './attempt.ts'
import { DialError } from './errors.ts'
import { connectThrough, parseProxy, proxyFor, targetOf } from './proxy.ts'

export interface ReachOptions {
  /** For wss://: `ca`, `servername`, `rejectUnauthorized` and the rest of node:tls. */
  readonly tls?: TlsOptions
  /**
   * The proxy to go through, whose user info is sent to it; false for none. By default HTTPS_PROXY, HTTP_PROXY and
   * NO_PROXY decide.
   */
  readonly proxy?: false | string | URL
  /** As `tls`, for an https:// proxy. */
  readonly proxyTls?: TlsOptions
}

/** Rejects with a DialError: `network`, `proxy-refused`, or what the attempt ends with. `alpn` is for wss: only. */
export async function reach(
  url: URL,
  { tls, proxy, proxyTls, alpn }: ReachOptions & { readonly alpn: readonly string[] },
  attempt: Attempt,
): Promise<Socket | TLSSocket> {
  const target = targetOf(url)
  const through = chooseProxy(url, proxy)
  const tunnel =
    through === undefined ? undefined : await connectThrough(through, target, { attempt, tls: proxyTls })
  if (url.protocol !== 'wss:')
    return tunnel ?? connected(connectPlain({ ...target }), 'connect', { url, attempt })
  const secured = connectTls({
    ALPNProtocols: [...alpn],
    // §4.1 of RFC 6455 asks for SNI, which RFC 6066 §3 does not allow for addresses.
    ...(isIP(target.host) === 0 && { servername: target.host }),
    ...tls,
    ...target,
    ...(tunnel && { socket: tunnel }),
  })
  return connected(secured, 'secureConnect', { url, attempt })
}

function chooseProxy(url: URL, proxy: ReachOptions['proxy']): URL | undefined {
  if (proxy === false) return undefined
  return proxy === undefined ? proxyFor(url, process.env) : parseProxy(proxy)
}

function connected<T extends Socket>(
  socket: T,
  event: 'connect' | 'secureConnect',
  { url, attempt }: { readonly url: URL; readonly attempt: Attempt },
): Promise<T> {
  // Whoever takes the socket over listens too; until then nobody would.
  socket.on('error', () => {})
  return attempt.step<T>(
    ({ resolve, reject }) => {
      const fail = (cause?: Error): void => {
        reject(new DialError('network', `cannot reach ${nameOf(url)}`, { cause }))
      }
      const close = (): void => fail()
      socket.once('error', fail).once('close', close)
      socket.once(event, () => {
        socket.off('error', fail).off('close', close)
        resolve(socket)
      })
    },
    () => socket.destroy(),
  )
}

/** A URL as it may stand in a message: without its user and password. */
export function nameOf(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}${url.search}`
}
