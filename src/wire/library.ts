// `holdfast/websocket`: what this room is for those who want the WebSocket alone. docs/websocket.md is its manual.

export { accept, acceptStream, isStrippedHandshake, type AcceptOptions } from './accept.ts'
export {
  attach,
  type AttachOptions,
  type AttachableServer,
  type Refusal,
  type UpgradeRequest,
} from './attach.ts'
export { dial } from './dial.ts'
export { type DialOptions } from './dialling.ts'
export { createDualServer, type DualServerOptions } from './dual-server.ts'
export { DialError, type DialErrorCode } from './errors.ts'
export { CloseError, type CloseInfo } from './close-error.ts'
export { type WebSocketConnection } from './connection.ts'
export { broadcast, encodeMessage, PreparedMessage } from './message.ts'
export { type MessageStream } from './message-stream.ts'
export { type OutgoingMessage } from './outgoing-message.ts'
export { type DeflateOptions, type PerMessageDeflate } from './per-message-deflate.ts'
export { type Http2Limits } from './http2-sessions.ts'
export { flushAll as flushOutbound } from './outbound.ts'
export { refuse, type RefuseOptions } from './refuse.ts'
export { type ConnectionOptions } from './settings.ts'
export { type SocketHandler } from './handler.ts'
export {
  AnswerError,
  CallerError,
  CloseCode,
  FrameError,
  HandshakeError,
  isExtendedConnect,
} from '../websocket/index.ts'
