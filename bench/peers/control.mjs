/**
 * What every measured server answers to, on its standard input: publish so many at such a pace. Plain JavaScript, since
 * the peers run on three runtimes. It measures nothing: what a server costs is read from the operating system.
 */
import { createInterface } from 'node:readline'

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

/** One `@` and the time of publishing, by which the load generator counts and tells how late it comes. */
export const payloadOf = (bytes) => {
  const head = `{"at":"@${(performance.timeOrigin + performance.now()).toFixed(3)}","text":"`
  return `${head}${'x'.repeat(Math.max(0, bytes - head.length - 2))}"}`
}

/** The channel that a client asks for: the number behind `c` in its path or its query. */
export const channelOf = (url) => Number(/c[/=](\d+)/.exec(url)?.[1] ?? 0)

/** Who follows which channel, for servers that know no channels. */
export class Followers {
  #channels = new Map()

  of(channel) {
    return this.#channels.get(channel) ?? []
  }

  add(channel, follower) {
    if (!this.#channels.has(channel)) this.#channels.set(channel, new Set())
    this.#channels.get(channel).add(follower)
  }

  remove(channel, follower) {
    this.#channels.get(channel)?.delete(follower)
  }
}

/**
 * @param port where the server listens.
 * @param publish sends a text of JSON to everyone who follows the channel of that number.
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

const publishRound = ({ publications, burst, intervalMs, bytes, channels }, publish) => {
  let left = publications
  const timer = setInterval(() => {
    for (let i = 0; i < burst && left > 0; i++, left--) publish(payloadOf(bytes), left % channels)
    if (left > 0) return
    clearInterval(timer)
    say({ kind: 'published' })
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
