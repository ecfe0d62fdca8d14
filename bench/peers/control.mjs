/**
 * What every measured server answers to, on its standard input: publish so many at such a pace. Plain JavaScript, since
 * the peers run on three runtimes. It measures nothing: what a server costs is read from the operating system.
 */
import { createInterface } from 'node:readline'
import { payloadOf } from './payload.mjs'

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

/** How this server is to be: `{ keeps, history, deflate, tls }`, see settings.ts. */
export const settings = JSON.parse(process.argv[2] ?? '{}')

/** The channels that a client asks for: the numbers behind `c` in its path or its query. */
export const channelsOf = (url) => (/\bc[/=]([\d,]+)/.exec(url)?.[1] ?? '0').split(',')

/** Who follows which channel, for servers that know no channels. */
export class Followers {
  #channels = new Map()

  of(channel) {
    return this.#channels.get(`${channel}`) ?? []
  }

  add(channels, follower) {
    for (const channel of channels) {
      if (!this.#channels.has(channel)) this.#channels.set(channel, new Set())
      this.#channels.get(channel).add(follower)
    }
  }

  remove(channels, follower) {
    for (const channel of channels) this.#channels.get(channel)?.delete(follower)
  }
}

/**
 * @param port where the server listens.
 * @param publish sends a text of JSON to everyone who follows the channel of that number; where it returns a promise,
 *   the round is over when the last one is.
 */
export const serve = (port, publish) => {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => {
    const request = JSON.parse(line)
    if (request.kind === 'collect') collect().then(() => say({ kind: 'collected' }))
    else publishRound(request, publish)
  })
  lines.once('close', () => process.exit(0))
  say({ kind: 'listening', port })
}

const publishRound = ({ publications, burst, intervalMs, bytes, content, channels }, publish) => {
  let left = publications
  const timer = setInterval(() => {
    let last
    for (let i = 0; i < burst && left > 0; i++, left--)
      last = publish(payloadOf(bytes, content), left % channels)
    if (left > 0) return
    clearInterval(timer)
    void Promise.resolve(last).then(() => say({ kind: 'published' }))
  }, intervalMs)
}

/** Lets go of garbage, so that what a process holds is what it needs. */
const collect = async () => {
  for (let round = 0; round < 6; round++) {
    if (globalThis.Bun !== undefined) globalThis.Bun.gc(true)
    // As when memory is short: what a process has taken and does not need is given back.
    globalThis.gc?.({ type: 'major', flavor: 'last-resort' })
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
