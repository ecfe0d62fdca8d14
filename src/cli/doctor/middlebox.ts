/**
 * Who stands between: read off what answers carry that no Holdfast node writes. And what each of them has to be told,
 * per trouble. It guesses nothing from timing alone.
 */
import type { Answer } from './exchange.ts'

export type Trouble = 'upgrade' | 'buffering' | 'compression' | 'hold' | 'idle'

export interface Middlebox {
  readonly name: string
  /** By what it was recognised. */
  readonly evidence: string
}

const SERVERS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/nginx|openresty|tengine/i, 'nginx'],
  [/haproxy/i, 'HAProxy'],
  [/apache/i, 'Apache'],
  [/caddy/i, 'Caddy'],
  [/envoy|istio/i, 'Envoy'],
  [/traefik/i, 'Traefik'],
  [/cloudflare/i, 'Cloudflare'],
  [/awselb|cloudfront/i, 'AWS'],
  [/varnish/i, 'Varnish'],
  [/squid/i, 'Squid'],
]

/** Headers that say who passed an answer on; a node writes none of them. */
const TELLING = ['server', 'via', 'x-served-by', 'x-powered-by', 'cf-ray', 'x-cache']

/** Error pages by which those can be told that name themselves nowhere else. */
const PAGES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/<h1>\d{3} [^<]+<\/h1>\s*(The server didn't respond|No server is available|Your browser sent)/, 'HAProxy'],
  [/<center>nginx/i, 'nginx'],
  [/upstream (request timeout|connect error)/, 'Envoy'],
]

/** Undefined when the answer looks like the node's own. */
export const recognise = ({ headers, body }: Pick<Answer, 'headers' | 'body'>): Middlebox | undefined => {
  for (const field of TELLING) {
    const value = headers[field]
    if (value === undefined) continue
    const text = String(value)
    const name = field === 'cf-ray' ? 'Cloudflare' : SERVERS.find(([pattern]) => pattern.test(text))?.[1]
    return { name: name ?? text.slice(0, 40), evidence: `${field}: ${text.slice(0, 60)}` }
  }
  const name = PAGES.find(([pattern]) => pattern.test(body))?.[1]
  return name === undefined ? undefined : { name, evidence: 'by its error page' }
}

const REMEDIES: Readonly<Record<Trouble, Readonly<Record<string, readonly string[]>>>> = {
  upgrade: {
    nginx: [
      'nginx forwards an upgrade only when told to. In the location of the node:',
      '  proxy_http_version 1.1;',
      '  proxy_set_header Upgrade $http_upgrade;',
      '  proxy_set_header Connection "upgrade";',
    ],
    HAProxy: [
      'Let the frontend run in `mode http` without `option httpclose`, and delete no Upgrade header.',
    ],
    Apache: ['Load mod_proxy_wstunnel, or give ProxyPass `upgrade=websocket` (2.4.47 or later).'],
    Envoy: ['Add `upgrade_configs: [{ upgrade_type: websocket }]` to its HTTP connection manager.'],
    AWS: ['Use an Application Load Balancer; classic ones pass no upgrade in HTTP mode.'],
  },
  buffering: {
    nginx: [
      'nginx holds answers back unless told not to; it heeds the node’s X-Accel-Buffering only where that is not ignored:',
      '  proxy_buffering off;',
      '  # and no: proxy_ignore_headers X-Accel-Buffering;',
    ],
    Apache: ['Give ProxyPass `flushpackets=on`.'],
    Varnish: ['`set beresp.do_stream = true;` and pipe event streams.'],
  },
  compression: {
    nginx: [
      'nginx compresses event streams, and keeps what it has not compressed yet. In the location of the node:',
      '  gzip off;',
      '  # or take text/event-stream out of gzip_types',
    ],
    HAProxy: ['Take text/event-stream out of `compression type`.'],
    Apache: ['Exempt text/event-stream from mod_deflate.'],
  },
  hold: {
    nginx: ['  proxy_read_timeout 75s;'],
    HAProxy: [
      'HAProxy gives a server as long as it is told to. In its defaults or backend:',
      '  timeout server 75s',
      '  timeout client 75s',
    ],
    Apache: ['  ProxyTimeout 75'],
    Envoy: ['Set the route’s `timeout: 0s`, and `idle_timeout: 75s`.'],
    AWS: ['Raise the idle timeout of the load balancer to 75 s.'],
    Cloudflare: ['It waits 100 s for an answer; what cuts sooner stands behind it.'],
  },
  idle: {
    nginx: ['  proxy_read_timeout 75s;', '  proxy_send_timeout 75s;'],
    HAProxy: ['  timeout tunnel 1h', '  timeout client 75s', '  timeout server 75s'],
    AWS: ['Raise the idle timeout of the load balancer to 75 s.'],
  },
}

const GENERAL: Readonly<Record<Trouble, readonly string[]>> = {
  upgrade: ['Let what stands between forward Upgrade and Connection over HTTP/1.1.'],
  buffering: ['Let what stands between pass answers on as they are written (no response buffering).'],
  compression: ['Let nothing between compress text/event-stream.'],
  hold: ['Let what stands between wait at least 60 s for an answer.'],
  idle: ['Let what stands between keep quiet connections for at least 60 s.'],
}

/** What to do about a trouble, as precisely as it is known who makes it. */
export const remedyFor = (trouble: Trouble, middlebox: Middlebox | undefined): readonly string[] =>
  (middlebox === undefined ? undefined : REMEDIES[trouble][middlebox.name]) ?? GENERAL[trouble]

/** `nginx (server: nginx/1.22.1)`, or `something` where nobody is known. */
export const nameOf = (middlebox: Middlebox | undefined): string =>
  middlebox === undefined ? 'Something on the way' : `${middlebox.name} (${middlebox.evidence})`
