// WebSocket on real sockets: accept an upgrade, dial a URL, and send and receive on what comes of it.

export { accept, acceptStream, isStrippedHandshake, type AcceptOptions } from './accept.ts'
export {
  attach,
  type AttachOptions,
  type AttachableServer,
  type Refusal,
  type UpgradeRequest,
} from './attach.ts'
export { Attempt, type AttemptOptions } from './attempt.ts'
export { dial } from './dial.ts'
export { type DialOptions } from './dialling.ts'
export { createDualServer, type DualServerOptions } from './dual-server.ts'
export { DialError, type DialErrorCode } from './errors.ts'
export { CloseError, type CloseInfo } from './close-error.ts'
export { type WebSocketConnection } from './connection.ts'
export { broadcast, encodeMessage, PreparedMessage } from './message.ts'
export { MessageStream } from './message-stream.ts'
export { OutgoingMessage } from './outgoing-message.ts'
export { PerMessageDeflate, resolveDeflate, type DeflateOptions } from './per-message-deflate.ts'
export { type Http2Limits } from './http2-sessions.ts'
export { flushAll as flushOutbound } from './outbound.ts'
export { reach, type ReachOptions } from './reach.ts'
export { connectThrough, proxyFor, type ProxyTarget } from './proxy.ts'
export { refuse, type RefuseOptions } from './refuse.ts'
export { type ConnectionOptions } from './settings.ts'
export { type SocketHandler } from './handler.ts'
export {
  CallerError,
  CloseCode,
  FrameError,
  HandshakeError,
  AnswerError,
  isExtendedConnect,
} from '../websocket/index.ts'
