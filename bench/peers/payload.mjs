/** What is published: JSON of a length, with one `@` and the time of publishing in it. */

const bodies = new Map()

const bodyOf = (length, content) => {
  if (content !== 'trades') return `"${'x'.repeat(Math.max(0, length - 2))}"`
  let text = '['
  for (let id = 1; text.length < length - 100; id++) {
    text += `{"id":${id},"type":"trade","symbol":"ACME${id % 7}","price":${(id * 7_919) % 99_991},"size":${id % 100}},`
  }
  return `${text}{"id":0,"note":"${'-'.repeat(Math.max(0, length - text.length - 20))}"}]`
}

/**
 * By the `@` the load generator counts, and by the time it tells how late a publication comes.
 * @param content `trades` is what an application would compress; anything else is filler.
 */
export const payloadOf = (bytes, content) => {
  const key = `${bytes} ${content}`
  const head = `{"at":"@${(performance.timeOrigin + performance.now()).toFixed(3)}","text":`
  if (!bodies.has(key)) bodies.set(key, `${bodyOf(bytes - head.length - 1, content)}}`)
  return head + bodies.get(key)
}
