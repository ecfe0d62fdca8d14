// RFC 6455 without I/O: frames, messages, the connection and its handshake, for either role. Everything here runs in a
// browser too; nothing here opens a socket, reads a clock or rolls dice.

export { CloseCode, isWireCloseCode } from './close-code.ts'
export {
  Connection,
  type CloseEvent,
  type ConnectionEvent,
  type ConnectionSettings,
  type ConnectionState,
} from './connection.ts'
export {
  AnswerError,
  CallerError,
  FrameError,
  HandshakeError,
  type AnswerErrorCode,
  type CallerErrorCode,
  type FrameErrorCode,
  type HandshakeErrorCode,
} from './errors.ts'
export { formatExtensions, parseExtensions, type Extension, type ExtensionParameter } from './extension.ts'
export {
  encodeFrame,
  FIN,
  frameHeaderLength,
  MAX_HEADER_LENGTH,
  writeFrameHeader,
  type FrameOptions,
} from './frame.ts'
export { FrameParser, type FrameRules, type Role } from './frame-parser.ts'
export {
  handshakeHeaders,
  readAnswer,
  type HandshakeAnswer,
  type HandshakeExpectation,
} from './handshake-answer.ts'
export {
  acceptKey,
  chooseProtocol,
  looksLikeWebSocket,
  readHandshake,
  writeAcceptance,
  type HandshakeAcceptance,
  type HandshakeOffer,
  type HandshakeRequest,
} from './handshake-request.ts'
export { headerLine, type HeaderList } from './header.ts'
export { applyMask, rotateKey } from './masking.ts'
export { MessageAssembler, type MessageLimits } from './message-assembler.ts'
export { isControlOpcode, isReservedOpcode, Opcode } from './opcode.ts'
export { UTF8_BOUNDARY, UTF8_INVALID, validateUtf8 } from './utf8.ts'
