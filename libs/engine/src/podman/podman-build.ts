import { invalid, unsupported } from '#lib/common';
import { extraHost } from '../docker-api/extra-host.js';
import type { BuildNetwork, BuildQuery } from '../engine.js';

/**
 * POST /build in Podman's words: lists that Docker has as repeated parameters or as objects are lists of texts in JSON.
 * `networkmode` it does not heed; its own option takes the path of a namespace, in which skep's DNS answers. Pure.
 */
export function podmanBuildQuery(asked: BuildQuery, network: BuildNetwork): BuildQuery {
  // What was built here is found again in any case, and Buildah takes no images for a cache but repositories of layers.
  const { remote, extrahosts, ulimits, buildargs, shmsize, securityopt, cachefrom: _, ...rest } = asked;
  checkRemote(textsOf(remote));
  if (textsOf(securityopt).length > 0) {
    throw invalid('The daemon on this platform does not support setting security options on build');
  }
  const inNamespace = 'netnsPath' in network;
  return {
    ...rest,
    ...listed('extrahosts', hostsOf(textsOf(extrahosts), inNamespace ? network.hostGateway : undefined)),
    ...listed('ulimits', textsOf(ulimits).flatMap(ulimitsOf)),
    ...argumentsOf(textsOf(buildargs)),
    // 0 is no limit to Podman.
    ...(shmsize !== '0' && { shmsize }),
    // No label of its own.
    identitylabel: 'false',
    nsoptions: JSON.stringify([
      { Name: 'network', ...(inNamespace ? { Host: false, Path: network.netnsPath } : { Host: true }) },
    ]),
    ...(inNamespace && listed('dnsservers', ['127.0.0.11'])),
  };
}

/** Podman's Docker API has no `remote`, and would build an empty context. */
function checkRemote([url]: readonly string[]): void {
  if (url === undefined) return;
  throw unsupported(
    `remote=${JSON.stringify(url)}: a build from a URL is not served: the context is accepted as a tar, ` +
      'which is what the docker CLI makes of a URL by itself',
  );
}

function listed(name: string, texts: readonly string[]): BuildQuery {
  return texts.length === 0 ? {} : { [name]: JSON.stringify(texts) };
}

function textsOf(value: BuildQuery[string]): string[] {
  return [value ?? []].flat().filter((text) => text !== '');
}

/** As in a container: without a line for the node where it is out of reach. */
function hostsOf(entries: readonly string[], hostGateway: string | undefined): string[] {
  return entries.map(extraHost).flatMap(([name, given]) => {
    const address = given === 'host-gateway' ? hostGateway : given;
    return address === undefined ? [] : [`${name}:${address}`];
  });
}

/** `[{"Name": …, "Soft": …, "Hard": …}]` as `name=soft:hard`. */
function ulimitsOf(text: string): string[] {
  const given = jsonIn('ulimits', text) ?? [];
  if (!Array.isArray(given)) throw invalid('ulimits: a list of {Name, Soft, Hard} is accepted');
  return given.map((one: { Name?: unknown; Soft?: unknown; Hard?: unknown } | null) => {
    const { Name, Soft, Hard } = one ?? {};
    if (typeof Name === 'string' && Number.isInteger(Soft) && Number.isInteger(Hard)) return `${Name}=${Soft}:${Hard}`;
    throw invalid(`ulimits: ${JSON.stringify(one)}: {Name, Soft, Hard} is accepted`);
  });
}

/** Without those that have no value: they mean the Dockerfile's default, and would be empty texts to Podman. */
function argumentsOf([text]: readonly string[]): BuildQuery {
  if (text === undefined) return {};
  const given = jsonIn('buildargs', text) ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw invalid('buildargs: an object of names and values is accepted');
  }
  const valued = Object.entries(given).filter(([, value]) => value !== null);
  return { buildargs: JSON.stringify(Object.fromEntries(valued)) };
}

function jsonIn(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(`${name}: ${JSON.stringify(text.slice(0, 100))}: JSON is expected`);
  }
}
