import { invalid } from '#lib/common';
import { attachmentOptions, type Project, type Service, type ServicePort } from '#lib/compose';
import { nodeNetworkNamed, type NetworkAttachment, type PortConfig, type ServiceSpec } from '#lib/domain';
import { containerSpecOf, type FileIds } from './container-spec.js';
import { IMAGE, stackLabels } from './labels.js';
import { modeOf, placementOf, resourcesOf, restartOf, updateOf } from './policies.js';
import { present } from './present.js';

/** A service of a stack is called `STACK_SERVICE`. */
export const serviceName = (stack: string, key: string): string => `${stack}_${key}`;

/** A Compose service as one of the swarm: the Docker Engine API's ServiceSpec. Pure. */
export function serviceSpecOf(project: Project, key: string, ids: FileIds): ServiceSpec {
  const service = project.services[key]!;
  const { deploy } = service;
  return present<ServiceSpec>({
    Name: serviceName(project.name, key),
    Labels: stackLabels(project.name, { ...deploy?.labels, [IMAGE]: service.image ?? '' }),
    TaskTemplate: present({
      ContainerSpec: containerSpecOf(service, project, ids),
      Resources: resourcesOf(service),
      RestartPolicy: restartOf(service),
      Placement: placementOf(service),
      Networks: attachmentsOf(project, key, service),
      LogDriver: service.logging && {
        Name: service.logging.driver ?? '',
        Options: service.logging.options ?? {},
      },
    }),
    Mode: modeOf(service),
    UpdateConfig: updateOf(deploy?.update_config),
    RollbackConfig: updateOf(deploy?.rollback_config),
    EndpointSpec: present({
      Mode: deploy?.endpoint_mode,
      Ports: (service.ports ?? []).map((port, index) => portOf(key, port, index)),
    }),
  });
}

/** By the service's name in the file it is reached on each of its networks; those of the nodes themselves have no names. */
function attachmentsOf(project: Project, key: string, service: Service): NetworkAttachment[] {
  return Object.entries(service.networks ?? {}).map(([name, use]) => {
    const options = attachmentOptions(use, `services.${key}.networks.${name}`);
    const target = project.networks[name]?.name ?? name;
    const own = nodeNetworkNamed(target);
    return {
      Target: own ?? target,
      Aliases: [...new Set([...(use?.aliases ?? []), ...(own ? [] : [key])])],
      ...(Object.keys(options).length > 0 && { DriverOpts: options }),
    };
  });
}

function portOf(key: string, port: ServicePort, index: number): PortConfig {
  const { published } = port;
  if (published !== undefined && !/^\d+$/.test(published)) {
    throw invalid(
      `services.${key}.ports.${index}: published is the range ${published}; a service of a swarm has one port: name it`,
    );
  }
  return present({
    Name: port.name,
    Protocol: port.protocol,
    TargetPort: port.target,
    PublishedPort: published === undefined ? undefined : Number(published),
    PublishMode: port.mode,
  });
}
