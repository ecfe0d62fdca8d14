/**
 * Which pages may connect. A browser says where a page comes from in `Origin`; a request without one is no
 * page's. The comparison is of whole origins: no prefixes, no suffixes, ports included.
 */
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'

export class OriginPolicy {
  readonly #origins: ReadonlySet<string>
  readonly #hosts: ReadonlySet<string> | undefined

  constructor(origins: readonly string[] = [], hosts: readonly string[] | undefined) {
    this.#origins = new Set(origins)
    this.#hosts = hosts === undefined ? undefined : new Set(hosts.map((host) => host.toLowerCase()))
  }

  /** Whether the request's `Host` names this node. */
  allowsHost(request: IncomingMessage): boolean {
    if (this.#hosts === undefined) return true
    const name = hostName(request.headers.host)
    return name !== undefined && (this.#hosts.has(name) || name.endsWith('.localhost'))
  }

  /** Whether the page that sent it may: the node's own pages, and those of the list. */
  allowsOrigin(request: IncomingMessage): boolean {
    const { origin } = request.headers
    return origin === undefined || origin === ownOrigin(request) || this.#origins.has(origin)
  }

  /** The value of `Access-Control-Allow-Origin`, where the page is of another origin and may. */
  corsOrigin(request: IncomingMessage): string | undefined {
    const { origin } = request.headers
    return origin !== undefined && this.#origins.has(origin) ? origin : undefined
  }
}

const ownOrigin = (request: IncomingMessage): string => {
  const secure = (request.socket as TLSSocket).encrypted === true
  return `${secure ? 'https' : 'http'}://${request.headers.host ?? ''}`
}

/** `host:port` without its port, in lower case; an IPv6 address keeps its brackets. */
const hostName = (host: string | undefined): string | undefined => {
  if (host === undefined) return undefined
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':')
  return (end > 0 ? host.slice(0, end) : host).toLowerCase()
}
