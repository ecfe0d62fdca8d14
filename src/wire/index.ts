// WebSocket on real sockets: accept an upgrade, dial a URL, and send and receive on what comes of it.

export { accept, acceptStream, isStrippedHandshake, type AcceptOptions } from './accept.ts'
export { dial } from './dial.ts'
export { type DialOptions } from './dialling.ts'
export { DialError, type DialErrorCode } from './errors.ts'
export { encodeMessage } from './message.ts'
export { flushAll as flushOutbound } from './outbound.ts'
export { refuse, type RefuseOptions } from './refuse.ts'
export { type ConnectionOptions } from './settings.ts'
export { type SocketHandler } from './handler.ts'
export { WebSocketConnection } from './socket.ts'
export {
  CallerError,
  CloseCode,
  FrameError,
  HandshakeError,
  AnswerError,
  isExtendedConnect,
} from '../websocket/index.ts'
