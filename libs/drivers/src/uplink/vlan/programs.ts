/**
 * Two eBPF programs that do what an 8021q link does, for kernels without one. Written as instructions, because they are a
 * few lines: no compiler is needed where skep runs. Fields of `struct __sk_buff` and helpers' numbers: linux/bpf.h.
 */
const SKB = { vlanPresent: 20, vlanTci: 24, vlanProto: 28 };
const CALL = { vlanPush: 18, vlanPop: 19, redirect: 23 };
const BPF_F_INGRESS = 1;
/** ETH_P_8021Q in network byte order, read on a little-endian machine */
const PROTO_8021Q = 0x0081;
/** the twelve bits that are the VLAN; the rest is priority */
const VID_MASK = 0xfff;

/** On the uplink's way in: frames of the VLAN lose their tag and arrive at the link; everything else goes on. */
export function untag(vlan: number, link: number): Buffer {
  return program([
    copy(6, 1),
    load(2, 1, SKB.vlanPresent),
    jumpIfEqual(2, 0, 11),
    load(2, 1, SKB.vlanProto),
    jumpUnlessEqual(2, PROTO_8021Q, 9),
    load(2, 1, SKB.vlanTci),
    and(2, VID_MASK),
    jumpUnlessEqual(2, vlan, 6),
    copy(1, 6),
    call(CALL.vlanPop),
    set(1, link),
    set(2, BPF_F_INGRESS),
    call(CALL.redirect),
    EXIT,
    set(0, -1), // TCX_NEXT
    EXIT,
  ]);
}

/** On the link's way out: every frame gets the tag and leaves by the uplink. */
export function tag(vlan: number, uplink: number): Buffer {
  return program([
    set(2, PROTO_8021Q),
    set(3, vlan),
    call(CALL.vlanPush),
    set(1, uplink),
    set(2, 0),
    call(CALL.redirect),
    EXIT,
  ]);
}

function instruction(code: number, dst = 0, src = 0, offset = 0, value = 0): Buffer {
  const bytes = Buffer.alloc(8);
  bytes[0] = code;
  bytes[1] = dst | (src << 4);
  bytes.writeInt16LE(offset, 2);
  bytes.writeInt32LE(value, 4);
  return bytes;
}

const program = (instructions: readonly Buffer[]) => Buffer.concat([...instructions]);
const EXIT = instruction(0x95);
const copy = (to: number, from: number) => instruction(0xbf, to, from);
const set = (to: number, value: number) => instruction(0xb7, to, 0, 0, value);
const and = (to: number, value: number) => instruction(0x57, to, 0, 0, value);
const load = (to: number, from: number, offset: number) => instruction(0x61, to, from, offset);
const jumpIfEqual = (register: number, value: number, over: number) => instruction(0x15, register, 0, over, value);
const jumpUnlessEqual = (register: number, value: number, over: number) => instruction(0x55, register, 0, over, value);
const call = (helper: number) => instruction(0x85, 0, 0, 0, helper);
