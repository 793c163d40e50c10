import { invalid } from '#lib/common';
import { HEADER_LENGTH, nameKey, typeNumber } from '#lib/discovery';

/** A question as a DNS message. @param type empty: A */
export function questionMessage(name: string, type: string): Uint8Array {
  const key = nameKey(name);
  if (key === undefined) throw invalid(`"${name}" is no DNS name: labels of 1 to 63 bytes, 254 bytes in all`);
  const number = typeNumber(type || 'A');
  if (number === undefined) throw invalid(`"${type}" is no DNS type: A, AAAA, PTR, SRV, … or TYPE123`);
  const message = Buffer.alloc(HEADER_LENGTH + key.length + 4);
  message.writeUInt16BE(0x0100, 2);
  message.writeUInt16BE(1, 4);
  message.write(key, HEADER_LENGTH, 'latin1');
  message.writeUInt16BE(number, HEADER_LENGTH + key.length);
  message.writeUInt16BE(1, HEADER_LENGTH + key.length + 2);
  return message;
}
