/**
 * The load generator, a process of its own: raw sockets that count bytes. It says how busy it was, since a load that
 * is the limit measures itself.
 */
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { openAll, type RawConnection, type Target } from './connection.ts'
import { checkFrame, clientFrame, frameLength, payloadOf } from './message.ts'
import type { Message } from './workloads.ts'

export type LoadRequest =
  | { readonly kind: 'open'; readonly target: Target; readonly connections: number; readonly atOnce: number }
  | { readonly kind: 'close' }
  | { readonly kind: 'echo'; readonly message: Message; readonly inFlight: number; readonly messages: number }
  | { readonly kind: 'follow'; readonly message: Message; readonly publications: number }

export type LoadReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'following' }
  | { readonly kind: 'done'; readonly seconds: number; readonly utilisation: number }

const connections: RawConnection[] = []
let deflate = false

async function work(request: LoadRequest): Promise<void> {
  switch (request.kind) {
    case 'open':
      deflate = request.target.deflate
      connections.push(...(await openAll(request.connections, request.atOnce, request.target)))
      for (const { socket } of connections) {
        socket.removeAllListeners('error').removeAllListeners('close').once('close', lost)
      }
      return undefined
    case 'close':
      return closeAll()
    case 'echo':
      return echo(request.message, request.inFlight, request.messages)
    case 'follow':
      return follow(request.message, request.publications)
  }
}

function lost(): void {
  throw new Error('the server closed a connection')
}

/** Ends every connection, and waits until the server has ended it too. */
async function closeAll(): Promise<void> {
  const closed = connections.splice(0).map(({ socket }) => {
    socket.off('close', lost)
    const closing = once(socket, 'close')
    socket.end()
    return closing
  })
  await Promise.all(closed)
}

/** Every connection keeps `inFlight` messages under way until each has seen `messages` of them come back. */
async function echo(message: Message, inFlight: number, messages: number): Promise<void> {
  const payload = payloadOf(message)
  const frame = clientFrame(payload, message.type, deflate)
  const answer = await firstEcho(connections[0]!, frame)
  checkFrame(answer, payload, deflate)
  const window = Buffer.concat(Array.from({ length: inFlight }, () => frame))
  const work = { window, inFlight, messages, answerBytes: answer.length }
  await Promise.all(connections.map((connection) => echoOn(connection, work)))
}

/** The server's frame for one message, alone on the wire. */
function firstEcho(connection: RawConnection, frame: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    let seen: Buffer = Buffer.alloc(0)
    connection.receive = (length, bytes) => {
      seen = Buffer.concat([seen, bytes.subarray(0, length)])
      if (seen.length === frameLength(seen)) resolve(seen)
    }
    connection.socket.write(frame)
  })
}

interface EchoWork {
  readonly window: Buffer
  readonly inFlight: number
  readonly messages: number
  readonly answerBytes: number
}

function echoOn(connection: RawConnection, work: EchoWork): Promise<void> {
  const { window, inFlight, messages, answerBytes } = work
  const frameBytes = window.length / inFlight
  return new Promise((resolve) => {
    let unsent = messages - inFlight
    let due = messages
    let partial = 0
    connection.receive = (length) => {
      partial += length
      const complete = Math.trunc(partial / answerBytes)
      if (complete === 0) return
      partial -= complete * answerBytes
      due -= complete
      const next = Math.min(complete, unsent)
      unsent -= next
      if (next > 0) connection.socket.write(window.subarray(0, next * frameBytes))
      if (due === 0) resolve()
    }
    connection.socket.write(window)
  })
}

/** Until every connection has been sent so many publications, all of them that message. */
async function follow(message: Message, publications: number): Promise<void> {
  const frames = connections.map((connection) => frameCount(connection, publications))
  report({ kind: 'following' })
  const first = await Promise.all(frames)
  checkFrame(first[0]!, payloadOf(message), deflate)
}

/** Resolves with the first frame once there are as many as are due; all are taken to be as long as the first. */
function frameCount(connection: RawConnection, frames: number): Promise<Buffer> {
  return new Promise((resolve) => {
    let first: Buffer = Buffer.alloc(0)
    let received = 0
    let due = Infinity
    connection.receive = (length, bytes) => {
      received += length
      if (due === Infinity) {
        first = Buffer.concat([first, bytes.subarray(0, length)])
        const frameBytes = frameLength(first)
        if (frameBytes === undefined || first.length < frameBytes) return
        first = first.subarray(0, frameBytes)
        due = frameBytes * frames
      }
      if (received === due) resolve(first)
    }
  })
}

const report = (message: LoadReport): void => void process.send?.(message)

process.on('message', (request: LoadRequest) => {
  const before = performance.eventLoopUtilization()
  const began = performance.now()
  void work(request).then(() => {
    const seconds = (performance.now() - began) / 1000
    report({ kind: 'done', seconds, utilisation: performance.eventLoopUtilization(before).utilization })
  })
})
process.once('disconnect', () => process.exit(0))
report({ kind: 'ready' })
