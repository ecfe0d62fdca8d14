/**
 * Puts a node in front of whatever lives on an HTTP server, in whichever order the two came. An event emitter
 * cannot be stopped at its first listener, so the node stands before the emitter: an event that is the node's
 * never reaches the others, and all others reach them untouched.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type AttachableServer, refuse } from '../wire/index.ts'
import type { IncomingStream } from './http2-exchange.ts'

/** What a server's events are offered to first. */
export interface Door {
  /** Whether a request to this path, with its query, is the node's, whatever becomes of it. */
  owns(url: string): boolean
  request(request: IncomingMessage, response: ServerResponse): void
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** A request over HTTP/2, also one for a WebSocket. */
  stream(incoming: IncomingStream): void
  connection(socket: Socket): void
}

type Emit = (event: string | symbol, ...values: unknown[]) => boolean

/** Listeners that are there only so that Node hands out upgrades at all. */
const placeholders = new WeakSet<object>()

/** @returns a function that leaves the server as it was. */
export const attachTo = (server: AttachableServer, door: Door): (() => void) => {
  const emitter = server as unknown as { emit: Emit }
  const pass = emitter.emit
  let attached = true
  const emit: Emit = function (this: unknown, event, ...values) {
    return (attached && offer(door, event, values)) || pass.call(this, event, ...values)
  }
  const placeholder = (_request: IncomingMessage, socket: Duplex): void => {
    const all = server.listeners('upgrade')
    if (all[0] === placeholder && all.every((each) => placeholders.has(each))) refuse(socket, 404)
  }
  placeholders.add(placeholder)
  emitter.emit = emit
  server.on('upgrade', placeholder)
  return () => {
    attached = false
    server.off('upgrade', placeholder)
    // Another one may stand before the emitter by now; this one then only passes on.
    if (emitter.emit === emit) emitter.emit = pass
  }
}

type StreamEvent = [IncomingStream['stream'], IncomingStream['headers'], unknown, readonly string[]]

/** True when the event was the node's. */
const offer = (door: Door, event: string | symbol, values: unknown[]): boolean => {
  if (event === 'connection') {
    door.connection(values[0] as Socket)
    return false
  }
  if (event === 'upgrade') {
    const [request, socket, head] = values as [IncomingMessage, Duplex, Buffer]
    if (!door.owns(request.url ?? '')) return false
    door.upgrade(request, socket, head)
    return true
  }
  // Node makes a `request` of it only for those who come after.
  if (event === 'stream') {
    const [stream, headers, , rawHeaders] = values as StreamEvent
    if (!door.owns(headers[':path'] ?? '')) return false
    door.stream({ stream, headers, rawHeaders })
    return true
  }
  if (event !== 'request' && event !== 'checkContinue') return false
  const [request, response] = values as [IncomingMessage, ServerResponse]
  if (!door.owns(request.url ?? '')) return false
  if (event === 'checkContinue') response.writeContinue()
  door.request(request, response)
  return true
}
