import {
  Convert,
  convertFields,
  eachItem,
  fields,
  namesTo,
  numberToString,
  stringAs,
  toList,
  toMapping,
  unlessVariable,
} from './mappings.js';
import { deviceEntry, extraHosts, hostEntries } from './hosts-and-devices.js';
import { portEntries } from './ports.js';
import { volumeEntry } from './volumes.js';
import { commandWords, healthcheckTest } from './words.js';
import { isDict, type Value } from '../values.js';

const inFields =
  (converters: Readonly<Record<string, Convert>>): Convert =>
  (value) => {
    convertFields(value, converters);
    return value;
  };

const labels = toMapping('');
const variables = toMapping(null);
const strings = eachItem(numberToString);
const listOfStrings: Convert = (value) => strings(toList(value));
const fileReferences = eachItem(stringAs('source'));
const deviceRequests = eachItem(inFields({ options: labels }));

const buildFields = inFields({
  additional_contexts: labels,
  args: variables,
  extra_hosts: extraHosts,
  labels,
  no_cache_filter: toList,
  secrets: fileReferences,
  ssh: (value) => (typeof value === 'string' ? value : sshList(value)),
});

/** `default` or `id=path` entries; a mapping is the same without the equals sign. */
function sshList(value: Value): Value {
  if (!isDict(value)) return value;
  return Object.entries(value).map(([id, path]) => (path === null || path === '' ? id : `${id}=${String(path)}`));
}

const hooks = eachItem(inFields({ command: commandWords, environment: variables }));

/** Short forms of a service's attributes. */
export const SERVICE: Readonly<Record<string, Convert>> = {
  annotations: labels,
  build: (value) => buildFields(typeof value === 'string' ? fields({ context: value }) : value),
  command: commandWords,
  configs: fileReferences,
  depends_on: namesTo(() => fields({ condition: 'service_started', required: true })),
  deploy: inFields({
    labels,
    resources: inFields({ reservations: inFields({ devices: deviceRequests }) }),
  }),
  develop: inFields({
    watch: eachItem(
      inFields({ ignore: toList, include: toList, exec: inFields({ command: commandWords, environment: variables }) }),
    ),
  }),
  devices: eachItem(deviceEntry),
  dns: toList,
  dns_search: toList,
  entrypoint: commandWords,
  env_file: (value) => eachItem(stringAs('path'))(toList(isDict(value) ? [value] : value)),
  environment: variables,
  expose: listOfStrings,
  extends: (value) => (typeof value === 'string' ? fields({ service: value }) : value),
  extra_hosts: extraHosts,
  gpus: (value) => (value === 'all' ? [fields({ count: -1 })] : deviceRequests(value)),
  group_add: strings,
  healthcheck: inFields({ test: healthcheckTest }),
  label_file: toList,
  labels,
  logging: inFields({ options: labels }),
  models: namesTo(() => null),
  networks: namesTo(() => null),
  ports: eachItem(portEntries),
  post_start: hooks,
  pre_start: hooks,
  pre_stop: hooks,
  profiles: toList,
  secrets: fileReferences,
  storage_opt: labels,
  sysctls: labels,
  tmpfs: toList,
  volumes: eachItem(volumeEntry),
};

/** Where variables are not replaced: a short form that has a grammar of its own is left if it holds one. */
export const SERVICE_AS_WRITTEN: Readonly<Record<string, Convert>> = {
  ...SERVICE,
  command: unlessVariable(commandWords),
  devices: eachItem(unlessVariable(deviceEntry)),
  entrypoint: unlessVariable(commandWords),
  extra_hosts: (value) => (isDict(value) ? extraHosts(value) : eachItem(unlessVariable(hostEntries))(value)),
  ports: eachItem(unlessVariable(portEntries)),
  volumes: eachItem(unlessVariable(volumeEntry)),
};
