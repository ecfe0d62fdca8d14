/** A PNG as it is, packed as tightly as deflate can: browsers take screenshots in a hurry. It refuses nothing and changes no pixel. */
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE_BYTES = 8
/** Its length, its type and its checksum. */
const AROUND_BYTES = 12

/** @param {Buffer} png @returns {Buffer} */
export const smallerPng = (png) => {
  const kept = []
  const pixels = []
  for (let at = SIGNATURE_BYTES; at < png.length; at += AROUND_BYTES + png.readUInt32BE(at)) {
    const data = png.subarray(at + 8, at + 8 + png.readUInt32BE(at))
    const type = png.toString('latin1', at + 4, at + 8)
    if (type === 'IDAT') pixels.push(data)
    else if (type !== 'IEND') kept.push(chunk(type, data))
  }
  const packed = deflateSync(inflateSync(Buffer.concat(pixels)), { level: 9, memLevel: 9 })
  const chunks = [...kept, chunk('IDAT', packed), chunk('IEND', Buffer.alloc(0))]
  return Buffer.concat([png.subarray(0, SIGNATURE_BYTES), ...chunks])
}

const chunk = (type, data) => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const checked = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(checked))
  return Buffer.concat([length, checked, sum])
}
