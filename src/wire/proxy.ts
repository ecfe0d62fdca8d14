// Proxies between a client and its server: which of them the environment asks for, and a tunnel through one (RFC 9110
// §9.3.6). What flows through the tunnel, TLS included, is its user's affair; the proxy's user and password appear in no
// message.

import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { BlockList, isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectionOptions as TlsOptions, TLSSocket } from 'node:tls'
import { CallerError } from '../websocket/index.ts'
import type { Attempt } from './attempt.ts'
import { DialError } from './errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface ProxyTarget {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'ws:': 80, 'https:': 443, 'wss:': 443 }

/**
 * The proxy for a URL: HTTPS_PROXY for https: and wss:, HTTP_PROXY for http: and ws:, lower-case names first, unless
 * NO_PROXY exempts the URL or it names this machine, which through a proxy would be another. Throws a CallerError for a
 * proxy that is no http: or https: URL.
 */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const secure = url.protocol === 'https:' || url.protocol === 'wss:'
  const name = secure ? 'https_proxy' : 'http_proxy'
  const text = environment[name] || upperCaseProxy(name, environment)
  if (!text) return undefined
  const target = targetOf(url)
  if (isLoopback(target.host) || isExempt(target, environment['no_proxy'] ?? environment['NO_PROXY'] ?? ''))
    return undefined
  return parseProxy(text)
}

/** A proxy's URL; without a scheme it is http:. */
export function parseProxy(proxy: string | URL): URL {
  const text = String(proxy)
  const url = URL.parse(text.includes('://') ? text : `http://${text}`)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new CallerError('invalid-url', 'the proxy is not an http: or https: URL')
  return url
}

/** Where a URL points. */
export function targetOf(url: URL): ProxyTarget {
  const port = url.port === '' ? DEFAULT_PORTS[url.protocol]! : Number(url.port)
  return { host: unbracketed(url.hostname), port }
}

/** As in a Host header and in a CONNECT: IPv6 in brackets, the port always there. */
export function authorityOf({ host, port }: ProxyTarget): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}

/** In a CGI process HTTP_PROXY is a header of the request, set by whoever sent it. */
function upperCaseProxy(name: string, environment: Environment): string | undefined {
  if (name === 'http_proxy' && environment['REQUEST_METHOD'] !== undefined) return undefined
  return environment[name.toUpperCase()]
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost') || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}

/** Whether one of NO_PROXY's entries is `*`, the host or a domain above it, or its address or network. */
function isExempt(target: ProxyTarget, exemptions: string): boolean {
  return exemptions
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry === '*' || (entry !== '' && matches(target, entry)))
}

function matches({ host, port }: ProxyTarget, entry: string): boolean {
  const [name, entryPort] = splitPort(entry)
  if (entryPort !== undefined && entryPort !== String(port)) return false
  if (isIP(host) !== 0) return matchesAddress(host, name)
  const domain = name.replace(/^\*?\./, '')
  return host === domain || host.endsWith(`.${domain}`)
}

function matchesAddress(host: string, entry: string): boolean {
  const [address = '', prefix] = unbracketed(entry).split('/')
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
  const most = family === 'ipv6' ? 128 : 32
  const length = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity
  if (isIP(address) === 0 || length > most) return false
  const network = new BlockList()
  network.addSubnet(address, length, family)
  return network.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
}

/** `host:port`, `[address]:port`, or either without a port; an address with colons but without brackets has none. */
function splitPort(entry: string): [name: string, port: string | undefined] {
  const [, name, port] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? []
  return name === undefined ? [entry, undefined] : [name, port]
}

function unbracketed(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

/**
 * A tunnel to the target. Rejects with a DialError: `proxy-refused` with the proxy's status and headers, `network` when
 * it cannot be reached or does not speak HTTP. `tls` is for a proxy that is itself spoken to over TLS.
 */
export function connectThrough(
  proxy: URL,
  target: ProxyTarget,
  { attempt, tls }: { readonly attempt: Attempt; readonly tls?: TlsOptions | undefined },
): Promise<Socket | TLSSocket> {
  const authority = authorityOf(target)
  const { host, port } = targetOf(proxy)
  const secure = proxy.protocol === 'https:'
  const options = { ...(secure && tls), host, port, agent: false, method: 'CONNECT', path: authority }
  const headers = { Host: authority, ...proxyAuthorization(proxy) }
  const request = (secure ? httpsRequest : httpRequest)({ ...options, headers })
  // After it has settled nobody else listens any more.
  request.on('error', () => {})
  return attempt.step<Socket | TLSSocket>(
    ({ resolve, reject }) => {
      request.on('error', (cause) => {
        reject(new DialError('network', `cannot reach the proxy ${proxy.host}`, { cause }))
      })
      request.on('connect', (answer: IncomingMessage, socket: Duplex, head: Buffer) => {
        // node:http hands out the socket that it made itself.
        const tunnel = socket as Socket
        tunnel.on('error', () => {})
        const { statusCode: status = 0, headers } = answer
        if (status < 200 || status > 299) {
          tunnel.destroy()
          const message = `the proxy ${proxy.host} answered ${status} to a tunnel to ${authority}`
          return reject(new DialError('proxy-refused', message, { status, headers }))
        }
        if (head.length > 0) tunnel.unshift(head)
        resolve(tunnel)
      })
      request.end()
    },
    () => request.destroy(),
  )
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  const user = basicAuthorization(proxy)
  return user === undefined ? {} : { 'Proxy-Authorization': user }
}

/** What the user info of a URL is in a header, if it has one (RFC 7617). Throws a CallerError if it is not UTF-8. */
export function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const credentials = `${decoded(username)}:${decoded(password)}`
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    if (!(cause instanceof URIError)) throw cause
    throw new CallerError('invalid-url', 'the user or password of the URL is not percent-encoded UTF-8')
  }
}
