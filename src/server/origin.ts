/**
 * Which pages may connect. A browser says where a page comes from in `Origin`; a request without one is no
 * page's. The comparison is of whole origins: no prefixes, no suffixes, ports included.
 */
import { isIPv4 } from 'node:net'
import type { RequestHead } from './http2-exchange.ts'

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

export class OriginPolicy {
  readonly #origins: ReadonlySet<string>
  #hosts: ReadonlySet<string> | undefined
  /** What stood in the last request that was served: it stands in most. */
  #known: string | undefined

  constructor(origins: readonly string[] = [], hosts: readonly string[] | undefined) {
    this.#origins = new Set(origins)
    this.#hosts = hosts === undefined ? undefined : new Set(hosts.map((host) => host.toLowerCase()))
  }

  /** The node listens on loopback for whoever comes: unless it was told its names, those are loopback's. */
  keepToLoopback(): void {
    this.#hosts ??= new Set(LOOPBACK_NAMES)
  }

  /** Whether the request's `Host` names this node. */
  allowsHost(request: RequestHead): boolean {
    if (this.#hosts === undefined) return true
    const { host } = request.headers
    if (host !== undefined && host === this.#known) return true
    const name = hostName(host)
    if (name === undefined || !(this.#hosts.has(name) || name.endsWith('.localhost'))) return false
    this.#known = host
    return true
  }

  /** Whether it names this machine, in a way that nobody else can make a name of theirs do. */
  isLoopbackHost(request: RequestHead): boolean {
    const name = hostName(request.headers.host)
    return name !== undefined && isLoopbackName(name)
  }

  /** Whether the page that sent it may: the node's own pages, and those of the list. */
  allowsOrigin(request: RequestHead): boolean {
    const { origin } = request.headers
    return origin === undefined || isOwnOrigin(origin, request) || this.#origins.has(origin)
  }

  /** Whether it comes from the node's own page, or from no page. */
  isOwn(request: RequestHead): boolean {
    const { origin } = request.headers
    return origin === undefined || isOwnOrigin(origin, request)
  }

  /** The value of `Access-Control-Allow-Origin`, where the page is of another origin and may. */
  corsOrigin(request: RequestHead): string | undefined {
    const { origin } = request.headers
    return origin !== undefined && this.#origins.has(origin) ? origin : undefined
  }
}

export const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || (isIPv4(address) && address.startsWith('127.'))

const isLoopbackName = (name: string): boolean => LOOPBACK_NAMES.includes(name) || name.endsWith('.localhost')

/** Whatever ends TLS in front of a node leaves it `http`; a page of the same host that came by https is its own. */
const isOwnOrigin = (origin: string, request: RequestHead): boolean => {
  const { host = '' } = request.headers
  const secure = 'encrypted' in request.socket
  return origin === `https://${host}` || (!secure && origin === `http://${host}`)
}

/** `host:port` without its port, in lower case; an IPv6 address keeps its brackets. Undefined for anything else. */
const hostName = (host: string | undefined): string | undefined =>
  /^(\[[^\]]*\]|[^:[\]]*)(?::\d*)?$/.exec(host ?? '')?.[1]?.toLowerCase()
