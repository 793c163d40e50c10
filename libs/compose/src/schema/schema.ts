import { Problems } from '../problems.js';
import type { Dict } from '../values.js';
import { names } from './attachments.js';
import { any, bool, integer, listOf, looseText, mapOf, record, text, type At } from './kinds.js';
import { service } from './service.js';
import { mapping, strings } from './shared.js';

const network = record({
  attachable: bool,
  driver: text,
  driver_opts: mapping,
  enable_ipv4: bool,
  enable_ipv6: bool,
  external: bool,
  internal: bool,
  ipam: record({
    config: listOf(record({ aux_addresses: mapOf(text), gateway: text, ip_range: text, subnet: text })),
    driver: text,
    options: mapping,
  }),
  labels: mapping,
  name: text,
});

const volume = record({ driver: text, driver_opts: mapping, external: bool, labels: mapping, name: text });
const fileFields = {
  environment: text,
  external: bool,
  file: text,
  labels: mapping,
  name: text,
  template_driver: text,
};
const secret = record({ ...fileFields, driver: text, driver_opts: mapping });
const config = record({ ...fileFields, content: text });
const model = record(
  { context_size: integer(), model: text, name: text, runtime_flags: strings },
  { required: ['model'] },
);

const project = record({
  configs: mapOf(config, names),
  models: mapOf(model, names),
  name: looseText,
  networks: mapOf(network, names),
  secrets: mapOf(secret, names),
  services: mapOf(service, names),
  version: any,
  volumes: mapOf(volume, names),
});

/**
 * Checks a canonical model against every attribute that Compose knows, in place: scalars get their canonical type. Throws one `invalid`
 * error that names every problem; unknown keys come with the closest known one.
 * @param asWritten variables have not been replaced
 */
export function checkSchema(model: Dict, warn: At['warn'], asWritten = false): void {
  const problems = new Problems(model);
  project(model, { path: [], problems, warn, asWritten });
  problems.throwIfAny();
}
