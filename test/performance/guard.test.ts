/**
 * A guard against losing speed, not a measurement: the CPU time of fan-out through the whole product beside a bare
 * broadcast of `ws`, turn by turn on the same machine. It says the ratio, and fails only where twice of what it should
 * be is lost. `npm run bench` measures.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, test } from 'node:test'
import type { Burst } from './measured-server.ts'

const FOLLOWERS = 200
const ROUNDS = 5
const AT = 0x40

/** A masked text frame; the mask is zero, which any server must take. */
const frame = (text: string): Buffer =>
  Buffer.concat([Buffer.of(0x81, 0x80 | text.length), Buffer.alloc(4), Buffer.from(text)])

const handshake = (protocol: string): string =>
  'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${protocol}\r\n`

/** A server in a process of its own with its followers, who count one byte of each publication. */
class Subject {
  readonly #child: ChildProcess
  readonly #sockets: Socket[] = []
  #due = 0
  #arrived: () => void = () => undefined

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(name: 'holdfast' | 'ws'): Promise<Subject> {
    const child = fork(new URL('./measured-server.ts', import.meta.url), [name], {
      execArgv: ['--conditions', 'holdfast-source'],
    })
    const [{ port }] = (await once(child, 'message')) as [{ port: number }]
    const subject = new Subject(child)
    await Promise.all(Array.from({ length: FOLLOWERS }, () => subject.#follow(port, name === 'holdfast')))
    return subject
  }

  /** CPU microseconds for each delivery. */
  async publish(burst: Burst): Promise<number> {
    this.#due = burst.publications * FOLLOWERS
    const arrived = new Promise<void>((resolve) => (this.#arrived = resolve))
    const said = once(this.#child, 'message') as Promise<[{ cpuMicros: number }]>
    this.#child.send(burst)
    const [[{ cpuMicros }]] = await Promise.all([said, arrived])
    return cpuMicros / (burst.publications * FOLLOWERS)
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#child.disconnect()
  }

  #follow(port: number, subscribes: boolean): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1')
      this.#sockets.push(socket)
      let opening = ''
      socket.on('data', (chunk: Buffer) => {
        if (opening === 'open') return this.#count(chunk)
        opening += chunk.toString('latin1')
        if (!opening.includes(subscribes ? '"type":"subscribed"' : '\r\n\r\n')) return
        opening = 'open'
        resolve()
      })
      socket.write(handshake(subscribes ? 'Sec-WebSocket-Protocol: holdfast.v1.json\r\n' : ''))
      if (!subscribes) return
      socket.write(frame('{"type":"hello","id":0,"version":1}'))
      socket.write(frame('{"type":"subscribe","channel":"guard","from":"now"}'))
    })
  }

  #count(chunk: Buffer): void {
    for (let at = chunk.indexOf(AT); at >= 0; at = chunk.indexOf(AT, at + 1)) this.#due--
    if (this.#due === 0) this.#arrived()
  }
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0

const subjects = Promise.all([Subject.start('holdfast'), Subject.start('ws')])
after(async () => {
  for (const subject of await subjects) subject.end()
})

for (const { what, burst, usual } of [
  { what: 'one at a time', burst: { publications: 60, atOnce: 1 }, usual: 1 },
  { what: 'ten in a turn', burst: { publications: 200, atOnce: 10 }, usual: 0.15 },
]) {
  test(`fan-out, ${what}, has not lost twice its speed beside ws`, async (t) => {
    const [holdfast, ws] = await subjects
    const ratios: number[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      const [ours, theirs] = [await holdfast.publish(burst), await ws.publish(burst)]
      // The first only warms both up.
      if (round > 0) ratios.push(ours / theirs)
    }
    const ratio = median(ratios)
    t.diagnostic(
      `${ratio.toFixed(2)} × the CPU time of ws; rounds ${ratios.map((each) => each.toFixed(2)).join(', ')}`,
    )
    assert.ok(ratio <= 2 * usual, `${ratio.toFixed(2)} × ws, where ${usual} is usual`)
  })
}
