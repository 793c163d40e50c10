import { Problems } from './problems.js';
import { dictAt, dictsIn, isDict, pathText, type Dict, type Value } from './values.js';

/** What says how to make a resource has no place in one that exists already. */
const MAKES_IT = ['driver', 'driver_opts', 'labels', 'ipam', 'file', 'environment', 'content'];

/** Rules between the attributes of one entry, which the schema of each alone cannot see. */
export function validate(model: Dict): void {
  const problems = new Problems(model);
  for (const section of ['networks', 'volumes', 'secrets', 'configs']) {
    for (const [key, entry] of dictsIn(model, section)) checkExternal(problems, [section, key], entry);
  }
  for (const [name, service] of dictsIn(model, 'services')) {
    checkMounts(problems, ['services', name, 'volumes'], service.volumes);
    checkDevices(problems, ['services', name, 'gpus'], service.gpus);
    const reservations = dictAt(dictAt(dictAt(service, 'deploy') ?? {}, 'resources') ?? {}, 'reservations');
    checkDevices(problems, ['services', name, 'deploy', 'resources', 'reservations', 'devices'], reservations?.devices);
  }
  problems.throwIfAny();
}

function checkExternal(problems: Problems, path: string[], entry: Dict): void {
  if (entry.external !== true) return;
  for (const key of MAKES_IT) {
    if (entry[key] === undefined) continue;
    problems.add([...path, key], `${pathText(path)}: conflicting parameters "external" and "${key}" specified`);
  }
}

function checkMounts(problems: Problems, path: string[], mounts: Value | undefined): void {
  for (const [index, mount] of (Array.isArray(mounts) ? mounts : []).entries()) {
    if (!isDict(mount)) continue;
    if ((mount.type === 'bind' || mount.type === 'image') && !mount.source) {
      problems.add(
        [...path, String(index)],
        `invalid mount config for type "${mount.type}": field Source must not be empty`,
      );
    }
    if (mount.type === 'tmpfs' && mount.source) {
      problems.add(
        [...path, String(index)],
        `${pathText(path)}.${index}: a tmpfs mount has no source; found "${String(mount.source)}"`,
      );
    }
  }
}

function checkDevices(problems: Problems, path: string[], requests: Value | undefined): void {
  for (const [index, request] of (Array.isArray(requests) ? requests : []).entries()) {
    if (isDict(request) && request.count !== undefined && request.device_ids !== undefined) {
      problems.add(
        [...path, String(index)],
        `${pathText(path)}.${index}: "count" and "device_ids" are exclusive; give one of them`,
      );
    }
  }
}
