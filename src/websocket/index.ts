// RFC 6455 without I/O: frames, messages, the connection and its handshake, for either role. Everything here runs in a
// browser too; nothing here opens a socket, reads a clock or rolls dice.

export {
  annotatedFrameJson,
  closeCodeName,
  hexadecimal,
  opcodeName,
  type AnnotatedFrame,
  type AnnotatedFrameJson,
  type CloseBody,
  type CutHeader,
  type InflatedMessage,
  type MessagePart,
  type Violation,
  type ViolationCode,
} from './annotation.ts'
export { FrameAnnotator, type AnnotatorOptions } from './annotator.ts'
export { CloseCode, isWireCloseCode } from './close-code.ts'
export {
  Connection,
  type CloseEvent,
  type PartEvent,
  type Inflater,
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
export {
  connectHeaders,
  isExtendedConnect,
  readConnectAnswer,
  readExtendedConnect,
  type ConnectTarget,
  type PseudoHeaders,
} from './extended-connect.ts'
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
  wishHeaders,
  type HandshakeAnswer,
  type HandshakeChoice,
  type HandshakeExpectation,
  type HandshakeWishes,
} from './handshake-answer.ts'
export type { HandshakeOffer } from './handshake-fields.ts'
export {
  ACCEPT_GUID,
  acceptKey,
  chooseProtocol,
  concessionHeaders,
  looksLikeWebSocket,
  readHandshake,
  writeAcceptance,
  type HandshakeAcceptance,
  type HandshakeConcession,
  type HandshakeRequest,
  type UpgradeOffer,
} from './handshake-request.ts'
export { headerLine, type HeaderList } from './header.ts'
export { purposeOf } from './header-purposes.ts'
export { applyMask, rotateKey } from './masking.ts'
export { MessageAssembler, type MessageLimits } from './message-assembler.ts'
export { isControlOpcode, isReservedOpcode, Opcode } from './opcode.ts'
export {
  answerDeflate,
  offerDeflate,
  readDeflateChoice,
  RSV1,
  type DeflateAgreement,
  type DeflateTerms,
  type DeflateWishes,
} from './permessage-deflate.ts'
export { UTF8_BOUNDARY, UTF8_INVALID, validateUtf8 } from './utf8.ts'
