/** The built page of console/, as `holdfast serve` hands it out beside the node's own routes. */
import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import sirv from 'sirv'

export type Fallback = (request: IncomingMessage, response: ServerResponse) => void

/** What the node offers to its page beyond channels. */
export interface PageFeatures {
  /** The use cases run here. */
  readonly examples: boolean
  /** It starts measurements for the page's lab. */
  readonly lab: boolean
  /** Whether a person may look after the node from here, and what for. */
  readonly admin: 'open' | 'secret' | 'off'
}

const NO_FEATURES: PageFeatures = { examples: false, lab: false, admin: 'off' }

/** The built page, at `/console`; every other path but the node's own leads there. */
export const servePage = (offered: Partial<PageFeatures> = {}): Fallback => {
  const features: PageFeatures = { ...NO_FEATURES, ...offered }
  const root = fileURLToPath(new URL('../../console/dist/page/', import.meta.url))
  if (!existsSync(root)) return withoutPage
  // The tools measure and take apart connections to nodes of their own, on other ports of this machine: on those a
  // connection shares nothing with the page's own, and its bytes can be seen as they are.
  const connections = `'self' ws: wss:${features.examples ? ' http://127.0.0.1:*' : ''}`
  const files = sirv(root, { single: true, etag: true })
  return (request, response) => {
    const url = request.url ?? '/'
    if (url === '/console/features.json') return answerJson(response, JSON.stringify(features))
    if (url === '/console' || url.startsWith('/console/') || url.startsWith('/console?')) {
      request.url = url.slice('/console'.length) || '/'
      response.setHeader(
        'content-security-policy',
        `default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src ${connections}`,
      )
      response.setHeader('x-content-type-options', 'nosniff')
      files(request, response, () => notFound(response))
    } else if (url === '/') {
      response.writeHead(302, { location: '/console/' }).end()
    } else {
      notFound(response)
    }
  }
}

const answerJson = (response: ServerResponse, body: string): void => {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body)
}

const withoutPage: Fallback = (request, response) => {
  if (request.url !== '/') return notFound(response)
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
  response.end('A Holdfast node. The page is not built; `npm start` builds it.\n')
}

const notFound = (response: ServerResponse): void => {
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Not found.\n')
}
