import { dictAt, dictsIn, isDict, type Dict, type Value } from './values.js';

/** Fills in what a short form or an omission means, in place, as `docker compose config` shows it. */
export function applyDefaults(model: Dict): void {
  for (const [, service] of dictsIn(model, 'services')) {
    for (const [, dependency] of dictsIn(service, 'depends_on')) dependency.required ??= true;
    for (const port of dictItems(service.ports)) {
      port.mode ??= 'ingress';
      port.protocol ??= 'tcp';
    }
    for (const entry of dictItems(service.env_file)) if (entry.required === true) delete entry.required;
    for (const device of dictItems(service.devices)) {
      device.target ??= device.source!;
      device.permissions ??= 'rwm';
    }
    for (const secret of dictItems(service.secrets)) secret.target ??= `/run/secrets/${String(secret.source)}`;
    const build = dictAt(service, 'build');
    if (build) {
      build.context ??= '.';
      if (build.dockerfile_inline === undefined) build.dockerfile ??= 'Dockerfile';
    }
  }
}

const dictItems = (value: Value | undefined): Dict[] => (Array.isArray(value) ? value.filter(isDict) : []);
