/** What every measured server answers to: publish so many at such a pace, and say what it cost. */

export interface Round {
  readonly publications: number
  /** Publications per burst; a burst is published in one turn of the event loop. */
  readonly burst: number
  readonly intervalMs: number
  readonly payloadBytes: number
}

export type Request = { readonly kind: 'round'; readonly round: Round } | { readonly kind: 'cpu' }

export type Report =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'published' }
  | { readonly kind: 'cpu'; readonly seconds: number; readonly rssBytes: number }

const report = (message: Report): void => void process.send?.(message)

export const serveMeasurements = (port: number, publish: (payload: unknown) => void): void => {
  process.on('message', (request: Request) => {
    if (request.kind === 'round') {
      publishRound(request.round, publish)
      return
    }
    const { user, system } = process.cpuUsage()
    report({ kind: 'cpu', seconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() })
  })
  process.once('disconnect', () => process.exit(0))
  report({ kind: 'listening', port })
}

const publishRound = (round: Round, publish: (payload: unknown) => void): void => {
  const payload = { text: 'x'.repeat(round.payloadBytes) }
  let left = round.publications
  const timer = setInterval(() => {
    for (let i = 0; i < round.burst && left > 0; i++, left--) publish(payload)
    if (left > 0) return
    clearInterval(timer)
    report({ kind: 'published' })
  }, round.intervalMs)
}
