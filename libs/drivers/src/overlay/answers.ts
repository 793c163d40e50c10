import { kernelIsAtLeast } from '#lib/host';
import type { EndpointOf } from '../driver.js';

/** Of our tables in a container's namespace: the one that sends answers back to the node that a request came through. */
const TABLE = 'skep_ingress';

/** The netdev egress hook is there; without it the nodes hide clients behind themselves. */
export function answersByNode(): boolean {
  return kernelIsAtLeast(5, 16);
}

/**
 * On the ingress network a request of the outside comes with the client's own address from the node that it reached; its
 * answer has to leave by that node, which translated it, and not by this one. The node is known by the MAC of its end:
 * connections are marked with the last four bytes of it, a map learns which MAC a mark stands for, and the answers' frames
 * get it as their destination. Frames of other endpoints are dropped, so that services that publish ports do not meet here.
 *
 * What a client sends from one port by two nodes looks the same here. Each node is a zone of its own for what comes, and all
 * are one for answers, so the kernel gives the second connection another port of the client (the chain `input`, which has
 * no rules, is what makes it look).
 *
 * The text may be applied to what is there: connections go on. Pure.
 */
export function answerRules({ endpoint, network }: EndpointOf): string {
  const device = `"${endpoint.ifName}"`;
  const from = network.pools.map(({ subnet }) => `${subnet.includes(':') ? 'ip6' : 'ip'} saddr != ${subnet}`);
  const frames = `netdev ${TABLE}`;
  const packets = `inet ${TABLE}`;
  return [
    `add table ${frames}`,
    `add map ${frames} gates { type mark : ether_addr; flags dynamic; size 4096; }`,
    `add chain ${frames} arrive { type filter hook ingress device ${device} priority 0; policy accept; }`,
    `add chain ${frames} leave { type filter hook egress device ${device} priority 0; policy accept; }`,
    `add table ${packets}`,
    `add chain ${packets} tell_apart { type filter hook prerouting priority -300; policy accept; }`,
    `add chain ${packets} input { type nat hook input priority 100; policy accept; }`,
    `add chain ${packets} arrive { type filter hook prerouting priority -150; policy accept; }`,
    `add chain ${packets} answer { type filter hook postrouting priority -150; policy accept; }`,
    `flush table ${frames}`,
    `flush table ${packets}`,
    `add rule ${frames} arrive ether saddr & ff:ff:00:00:00:00 != 06:42:00:00:00:00 drop`,
    ...from.map(
      (other) => `add rule ${frames} arrive ${other} meta mark set @ll,64,32 update @gates { meta mark : ether saddr }`,
    ),
    `add rule ${frames} leave ether daddr set meta mark map @gates`,
    `add rule ${packets} tell_apart iifname ${device} meta mark != 0 ct original zone set @ll,80,16`,
    `add rule ${packets} arrive iifname ${device} meta mark != 0 ct direction original ct mark set meta mark`,
    `add rule ${packets} answer oifname ${device} ct direction reply ct mark != 0 meta mark set ct mark`,
    '',
  ].join('\n');
}
