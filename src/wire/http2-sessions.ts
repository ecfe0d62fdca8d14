// The HTTP/2 half of a server: sessions on sockets that are handed to it, within limits. A session without a stream
// does not stay for ever, and one that has been told to go is cut off if it does not.
//
// Against floods Node and nghttp2 have measures of their own, which are left as they are: streams that are opened and
// reset (a thousand at once, then 33 a second; beyond it GOAWAY), a thousand unanswered PING and SETTINGS frames, 32
// values in one SETTINGS frame, eight CONTINUATION frames, a hundred rejected streams.

import {
  createServer as createHttp2Server,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import { deadlines, type Timed } from './deadline.ts'

export interface Http2Limits {
  /** Streams that a session may have open; 100. Beyond it: REFUSED_STREAM. */
  readonly streamsPerSession?: number
  /** What a session may hold in memory, in megabytes; 10. Beyond it new streams are refused. */
  readonly sessionMegabytes?: number
  /** The largest header block of a request, in bytes, uncompressed; 16,384. Beyond it: ENHANCE_YOUR_CALM. */
  readonly headerBytes?: number
  /** How long a session without a stream stays, in milliseconds; 75,000. Then: GOAWAY. */
  readonly idleTimeoutMs?: number
}

/** How long a session that was told to go may take to hang up. */
const FAREWELL_MS = 1_000

/** Fields of a request that are not its own: the four of every request, and `:protocol`. */
const PSEUDO_HEADERS = 5
const MAX_HEADERS = 100

/**
 * What may be under way to the server on all streams of a session together. Each stream has the default of 64 KiB, so
 * that one that is not read holds no more than that and takes nothing from the others.
 */
const SESSION_WINDOW_BYTES = 1_048_576

/** HTTP/2 on sockets that somebody else accepted. Its events are those of a node:http2 server that never listens. */
export class Http2Sessions {
  readonly server: Http2Server
  private readonly idleTimeoutMs: number

  constructor(limits: Http2Limits) {
    const { streamsPerSession = 100, sessionMegabytes = 10, headerBytes = 16_384 } = limits
    this.idleTimeoutMs = limits.idleTimeoutMs ?? 75_000
    this.server = createHttp2Server({
      maxSessionMemory: sessionMegabytes,
      // One more than is allowed, so that who counts them can say what is wrong.
      maxHeaderListPairs: MAX_HEADERS + PSEUDO_HEADERS + 1,
      settings: {
        enableConnectProtocol: true,
        maxConcurrentStreams: streamsPerSession,
        maxHeaderListSize: headerBytes,
      },
    })
  }

  /** Begins a session on a socket that speaks HTTP/2, with everything it has said still to be read. */
  serve(socket: Socket): void {
    const { server, idleTimeoutMs } = this
    server.once('session', (session: ServerHttp2Session) => {
      session.setLocalWindowSize(SESSION_WINDOW_BYTES)
      new SessionWatch(session, socket, idleTimeoutMs).begin()
    })
    server.emit('connection', socket)
  }

  /** Tells every session to end: no new streams, and those that are open may finish. */
  close(): void {
    this.server.close()
  }
}

class SessionWatch implements Timed {
  dueTick = 0
  private streams = 0
  private readonly session: ServerHttp2Session
  private readonly socket: Socket
  private readonly idleTimeoutMs: number

  constructor(session: ServerHttp2Session, socket: Socket, idleTimeoutMs: number) {
    this.session = session
    this.socket = socket
    this.idleTimeoutMs = idleTimeoutMs
  }

  begin(): void {
    deadlines.arm(this, this.idleTimeoutMs)
    this.session.on('stream', (stream: ServerHttp2Stream) => this.opened(stream))
    // Node ends the socket and then waits for the peer to do the same, however long that takes.
    this.socket.once('finish', () => deadlines.arm(this, FAREWELL_MS))
    this.socket.once('close', () => deadlines.disarm(this))
  }

  expire(): number {
    if (this.socket.writableFinished) this.socket.destroy()
    else this.session.close()
    return 0
  }

  private opened(stream: ServerHttp2Stream): void {
    // A stream that is reset is an error to Node, whoever else listens to it.
    stream.on('error', () => {})
    if (this.streams++ === 0) deadlines.disarm(this)
    stream.once('close', () => {
      if (--this.streams === 0 && !this.session.destroyed) deadlines.arm(this, this.idleTimeoutMs)
    })
  }
}
