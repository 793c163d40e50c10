import { closeSync } from 'node:fs';
import { arch } from 'node:os';
import koffi from 'koffi';
import { SkepError, unsupported } from '#lib/common';
import type { Way } from '../host.js';
import { checked, lastError } from './libc.js';

// bpf(2); include/uapi/linux/bpf.h. All fields of a command's attribute are in the byte order of the machine.
const CMD = {
  PROG_LOAD: 5,
  PROG_ATTACH: 8,
  PROG_DETACH: 9,
  PROG_GET_FD_BY_ID: 13,
  OBJ_GET_INFO_BY_FD: 15,
  PROG_QUERY: 16,
};
const PROG_TYPE_SCHED_CLS = 3;
/** BPF_TCX_INGRESS, BPF_TCX_EGRESS */
const WAYS: Readonly<Record<Way, number>> = { ingress: 46, egress: 47 };
/** asm/unistd.h */
const SYS_BPF: Readonly<Record<string, number>> = { x64: 321, arm64: 280, riscv64: 280 };
const ATTRIBUTE = 128;
const NAME_BYTES = 16;
/** programs of others on one hook, with room to spare */
const MOST = 64;

const call = koffi
  .load('libc.so.6')
  .func('long syscall(long number, int command, _Inout_ void *attr, unsigned int size)') as (
  number: number,
  command: number,
  attr: Buffer,
  size: number,
) => number;

function bpf(command: number, attr: Buffer, what: string): number {
  const number = SYS_BPF[arch()];
  if (number === undefined) throw unsupported(`${what}: bpf(2) on ${arch()} is not known here`);
  const result = call(number, command, attr, attr.length);
  // Kernels without tcx (before 6.6) know neither the hook nor its query.
  if (result < 0 && lastError() === 'EINVAL') throw unsupported(`${what}: this kernel cannot (EINVAL); Linux 6.6 can`);
  return checked(result, what);
}

/** Puts a program before everything else that sees a link's frames; one of the same name there is replaced. */
export function attachProgram(index: number, way: Way, name: string, code: Buffer): void {
  detachProgram(index, way, name);
  const program = load(name, code);
  try {
    bpf(CMD.PROG_ATTACH, attribute({ 0: index, 4: program, 8: WAYS[way] }), `attach ${name}`);
  } finally {
    closeSync(program);
  }
}

/** Absent: nothing happens. */
export function detachProgram(index: number, way: Way, name: string): void {
  for (const id of programIds(index, way)) {
    const program = bpf(CMD.PROG_GET_FD_BY_ID, attribute({ 0: id }), `open program ${id}`);
    try {
      if (nameOf(program) === name) {
        bpf(CMD.PROG_DETACH, attribute({ 0: index, 4: program, 8: WAYS[way] }), `detach ${name}`);
      }
    } finally {
      closeSync(program);
    }
  }
}

/** Names of the programs there, in the order in which frames pass them. */
export function programNames(index: number, way: Way): string[] {
  return programIds(index, way).map((id) => {
    const program = bpf(CMD.PROG_GET_FD_BY_ID, attribute({ 0: id }), `open program ${id}`);
    try {
      return nameOf(program);
    } finally {
      closeSync(program);
    }
  });
}

function load(name: string, code: Buffer): number {
  if (!/^\w{1,15}$/.test(name)) throw new SkepError('invalid', `program name ${name}: 1 to 15 letters, digits or "_"`);
  const license = Buffer.from('Apache-2.0\0');
  const log = Buffer.alloc(4096);
  const attr = attribute({ 0: PROG_TYPE_SCHED_CLS, 4: code.length / 8, 24: 1, 28: log.length });
  attr.writeBigUInt64LE(koffi.address(code), 8);
  attr.writeBigUInt64LE(koffi.address(license), 16);
  attr.writeBigUInt64LE(koffi.address(log), 32);
  attr.write(name, 48, 'latin1');
  try {
    return bpf(CMD.PROG_LOAD, attr, `load program ${name}`);
  } catch (error) {
    const said = log.toString('latin1').split('\0')[0]?.trim();
    throw said ? new SkepError('internal', `load program ${name}: ${said}`, { cause: error }) : error;
  }
}

function programIds(index: number, way: Way): number[] {
  const ids = Buffer.alloc(4 * MOST);
  const attr = attribute({ 0: index, 4: WAYS[way], 24: MOST });
  attr.writeBigUInt64LE(koffi.address(ids), 16);
  bpf(CMD.PROG_QUERY, attr, `list programs of link ${index}`);
  return Array.from({ length: attr.readUInt32LE(24) }, (_, at) => ids.readUInt32LE(4 * at));
}

function nameOf(program: number): string {
  const info = Buffer.alloc(256);
  const attr = attribute({ 0: program, 4: info.length });
  attr.writeBigUInt64LE(koffi.address(info), 8);
  bpf(CMD.OBJ_GET_INFO_BY_FD, attr, 'describe a program');
  return info.toString('latin1', 64, 64 + NAME_BYTES).split('\0')[0] ?? '';
}

/** 32-bit fields by their offsets. */
function attribute(fields: Readonly<Record<number, number>>): Buffer {
  const attr = Buffer.alloc(ATTRIBUTE);
  for (const [at, value] of Object.entries(fields)) attr.writeUInt32LE(value, Number(at));
  return attr;
}
