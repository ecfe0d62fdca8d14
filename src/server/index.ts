/** The server's public names: published as `holdfast/server`. */
export {
  MemoryBroker,
  type MemoryBrokerOptions,
  SqliteBroker,
  type SqliteBrokerOptions,
} from '../broker/index.ts'
export type {
  AppendRequest,
  AppendResult,
  Broker,
  ChannelInfo,
  ChannelOptions,
  ChannelRule,
  ContentType,
  Expiry,
  Page,
  ReadRequest,
  Retention,
  Watch,
} from '../channel/index.ts'
export {
  ERRORS,
  type ErrorCode,
  type HistoryPage,
  ProtocolError,
  type PublicationEvent,
} from '../protocol/index.ts'
export { presenceChannel } from '../channel/index.ts'
export { type Action, DEFAULT_LIMITS, type Identity, type Limits } from '../transport/index.ts'
export {
  CertificateError,
  type CertificateErrorCode,
  checkCertificate,
  type TlsCertificate,
} from './certificate.ts'
export { CallError, type CallHandler } from './calls.ts'
export type {
  Authenticated,
  AuthorizeRequest,
  Credentials,
  HoldfastConfig,
  ServerOptions,
} from './options.ts'
export { defineConfig } from './options.ts'
export type { AdminOptions } from './admin-access.ts'
export type { DrainOptions } from './drain.ts'
export type { AttachableServer } from '../wire/index.ts'
export type { OwnHandler, OwnPublication, OwnSubscribeOptions, OwnSubscription } from './own-subscriptions.ts'
export type { ReceiveHandler } from './receivers.ts'
export {
  createServer,
  type Entry,
  HoldfastServer,
  type HistoryOptions,
  type ListenOptions,
  type PublishOptions,
  type Stats,
} from './server.ts'
