/** How a channel's options are packed, in rows and in messages: an age without a limit has no JSON. */
import type { ChannelOptions, Expiry } from '../../channel/index.ts'
import type { ByteReader, ByteWriter } from './packing.ts'

const BYTES = 1
const EPHEMERAL = 2
const CONFLATED = 4
const EXPIRES_IDLE = 8
const EXPIRES_AT = 16
const METADATA = 32

export const writeOptions = (writer: ByteWriter, options: ChannelOptions): void => {
  const { contentType, ephemeral, conflated, retention, maxKeys, expiry, metadata } = options
  const expires = expiry === undefined ? 0 : expiry.kind === 'idle' ? EXPIRES_IDLE : EXPIRES_AT
  writer.u8(
    (contentType === 'bytes' ? BYTES : 0) |
      (ephemeral ? EPHEMERAL : 0) |
      (conflated ? CONFLATED : 0) |
      expires |
      (metadata === undefined ? 0 : METADATA),
  )
  writer.f64(retention.count)
  writer.f64(retention.ageMs)
  writer.f64(retention.bytes)
  writer.f64(maxKeys)
  if (expiry !== undefined) writer.f64(expiry.kind === 'idle' ? expiry.afterMs : expiry.atMs)
  if (metadata !== undefined) writer.text(metadata)
}

export const readOptions = (reader: ByteReader): ChannelOptions => {
  const flags = reader.u8()
  const options: ChannelOptions = {
    contentType: (flags & BYTES) === 0 ? 'json' : 'bytes',
    retention: { count: reader.f64(), ageMs: reader.f64(), bytes: reader.f64() },
    ephemeral: (flags & EPHEMERAL) !== 0,
    conflated: (flags & CONFLATED) !== 0,
    maxKeys: reader.f64(),
  }
  const expiry = readExpiry(reader, flags)
  const metadata = (flags & METADATA) === 0 ? undefined : reader.text()
  return {
    ...options,
    ...(expiry === undefined ? {} : { expiry }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}

const readExpiry = (reader: ByteReader, flags: number): Expiry | undefined => {
  if ((flags & EXPIRES_IDLE) !== 0) return { kind: 'idle', afterMs: reader.f64() }
  return (flags & EXPIRES_AT) === 0 ? undefined : { kind: 'at', atMs: reader.f64() }
}
