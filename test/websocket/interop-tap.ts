// A relay between two peers that looks at what passes: the handshake's extensions, and of every frame its direction,
// its first bit of the reserved ones, and its size. It changes nothing.

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { FrameReader, type Role } from '../conformance/frame.ts'

export interface Seen {
  readonly from: Role
  readonly opcode: number
  readonly compressed: boolean
  readonly fin: boolean
  readonly size: number
}

export class Tap {
  readonly frames: Seen[] = []
  /** What each server's answer named as Sec-WebSocket-Extensions, '' for none. */
  readonly extensions: string[] = []
  readonly url: string
  private readonly server: Server

  private constructor(server: Server) {
    this.server = server
    this.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  /** In front of whatever listens on this port. */
  static async before(port: number): Promise<Tap> {
    const server = createServer({ noDelay: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const tap = new Tap(server)
    server.on('connection', (client) => {
      const upstream = connect({ port, host: '127.0.0.1', noDelay: true })
      tap.relay(client, upstream, 'client')
      tap.relay(upstream, client, 'server')
    })
    return tap
  }

  /** How many bytes the payloads of messages took from this side, and how many of these frames were compressed. */
  sent(from: Role): { readonly bytes: number; readonly compressed: number } {
    const data = this.frames.filter((frame) => frame.from === from && frame.opcode < 8)
    return {
      bytes: data.reduce((sum, frame) => sum + frame.size, 0),
      compressed: data.filter((frame) => frame.compressed).length,
    }
  }

  close(): void {
    this.server.close()
  }

  private relay(source: Socket, target: Socket, from: Role): void {
    // It reads what the other side would.
    const reader = new FrameReader(from === 'client' ? 'server' : 'client')
    let head: Buffer | undefined = Buffer.alloc(0)
    source.on('data', (chunk: Buffer) => {
      target.write(chunk)
      let frames: Buffer = Buffer.from(chunk)
      if (head !== undefined) {
        head = Buffer.concat([head, chunk])
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        if (from === 'server') this.extensions.push(extensionsIn(head.toString('latin1', 0, end)))
        frames = head.subarray(end + 4)
        head = undefined
      }
      if (frames.length > 0) reader.push(frames)
      this.look(reader, from)
    })
    source.on('end', () => target.end()).on('error', () => target.destroy())
    source.on('close', () => target.destroy())
  }

  private look(reader: FrameReader, from: Role): void {
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      const { opcode, rsv, fin, payload } = frame
      this.frames.push({ from, opcode, fin, compressed: rsv === 4, size: payload.length })
    }
  }
}

const extensionsIn = (head: string): string => /^sec-websocket-extensions: *(.*)$/im.exec(head)?.[1] ?? ''
