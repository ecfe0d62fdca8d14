/** `HEAD`: where a stream ends and what it was made as. It does not count as a read. */
import { answerEmpty, type Exchange } from './exchange.ts'
import { fieldsOf, tailOf } from './place.ts'
import { StreamRefusal } from './refusal.ts'
import { configOf } from './stream-config.ts'

/** @throws (rejects with) ProtocolError */
export const describeStream = async (exchange: Exchange): Promise<void> => {
  const info = await exchange.host.broker.describe(exchange.channel)
  if (info === undefined) throw StreamRefusal.missing()
  const config = configOf(info.options.metadata, info.options.contentType)
  const { ttlSeconds, expiresAtMs } = config
  answerEmpty(exchange, 200, {
    'content-type': config.contentType,
    ...fieldsOf({ ...tailOf(info), upToDate: false }),
    ...(ttlSeconds === undefined ? {} : { 'stream-ttl': String(ttlSeconds) }),
    ...(expiresAtMs === undefined ? {} : { 'stream-expires-at': new Date(expiresAtMs).toISOString() }),
  })
}
