import { extraHosts } from './extra-hosts.js';
import { bool, isText, listOf, oneOf, record, text, type Check } from './kinds.js';
import { bytes } from './quantities.js';
import { fileReferences, mapping, strings, ulimits } from './shared.js';

/** `provenance` and `sbom`: a switch, or attributes of the attestation. */
const attestation: Check = (value, at) => (isText(value) ? value : bool(value, at));

/** An empty `ssh:` is refused, as Docker Compose does. */
const ssh: Check = (value, at) => {
  if (Array.isArray(value)) return strings(value, at);
  at.problems.add(at.path, `${at.path.join('.')} must be a mapping or a list of id=path entries`);
  return value;
};

export const build = record(
  {
    additional_contexts: mapping,
    args: mapping,
    cache_from: strings,
    cache_to: strings,
    context: text,
    dockerfile: text,
    dockerfile_inline: text,
    entitlements: strings,
    extra_hosts: extraHosts,
    isolation: text,
    labels: mapping,
    network: text,
    no_cache: bool,
    no_cache_filter: strings,
    platforms: strings,
    privileged: bool,
    provenance: attestation,
    pull: bool,
    sbom: attestation,
    secrets: fileReferences,
    shm_size: bytes,
    ssh,
    tags: strings,
    target: text,
    ulimits,
  },
  { nulls: ['ssh'] },
);

const hookFields = {
  command: strings,
  environment: mapping,
  privileged: bool,
  user: text,
  working_dir: text,
};
export const hooks = listOf(record(hookFields, { required: ['command'] }));
/** These may run in an image of their own, with its own command. */
export const startHooks = listOf(record({ ...hookFields, image: text, per_replica: bool }));

export const develop = record({
  watch: listOf(
    record(
      {
        action: oneOf('rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec'),
        exec: record(hookFields, { required: ['command'] }),
        ignore: strings,
        include: strings,
        initial_sync: bool,
        path: text,
        target: text,
      },
      { required: ['path', 'action'] },
    ),
  ),
});
