/** `DELETE`: ends this life of a stream. What is made under its name afterwards is another one. */
import { answerEmpty, type Exchange } from './exchange.ts'
import { StreamRefusal } from './refusal.ts'

/** @throws (rejects with) ProtocolError */
export const deleteStream = async (exchange: Exchange): Promise<void> => {
  if (!(await exchange.host.broker.delete(exchange.channel))) throw StreamRefusal.missing()
  answerEmpty(exchange, 204, {})
}
