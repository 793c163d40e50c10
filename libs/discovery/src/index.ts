export { answerMessage } from './answer.js';
export { Answerer, NOT_HERE, type Asker } from './image/answerer.js';
export { compileNames, compileZone } from './image/compile.js';
export type { ZoneImage } from './image/image.js';
export type { Omission } from './names/model.js';
export { NameTable, type Forward, type Resolution } from './names/name-table.js';
export { Turns } from './rotation.js';
export { HEADER_LENGTH, MAX_UDP_SIZE, RCODE, rcodeName, TYPE, typeName, typeNumber } from './wire/constants.js';
export {
  lifetime,
  readBareError,
  readMessage,
  recordText,
  sameQuestion,
  type Message,
  type MessageRecord,
} from './wire/message.js';
export { nameKey, type NameKey } from './wire/name.js';
export { DROP, Query } from './wire/query.js';
export { errorMessage, putError, putOpt } from './wire/reply.js';
