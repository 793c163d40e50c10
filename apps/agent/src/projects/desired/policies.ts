import { parseDuration, type Service } from '#lib/compose';
import { invalid } from '#lib/common';
import type { Container, Dependency, Healthcheck, RestartPolicy } from '#lib/domain';
import { fromDockerHealthcheck, toDockerHealthcheck, withImageHealthcheck } from '../../health/healthcheck.js';

const NANOSECONDS = 1_000_000;

type DeployRestart = NonNullable<NonNullable<Service['deploy']>['restart_policy']>;

/**
 * Undefined: none, or disabled. As in Docker, 0 is what was not said.
 * @param image the image's own check; it stands for whatever the service does not say
 */
export function healthcheckOf({ healthcheck: check = {} }: Service, image?: Healthcheck): Healthcheck | undefined {
  const duration = (text: string | undefined) => (text === undefined ? undefined : parseDuration(text) * NANOSECONDS);
  const asked = {
    Test: check.disable ? ['NONE'] : check.test,
    Interval: duration(check.interval),
    Timeout: duration(check.timeout),
    StartPeriod: duration(check.start_period),
    StartInterval: duration(check.start_interval),
    Retries: check.retries,
  };
  return fromDockerHealthcheck(withImageHealthcheck(asked, image && toDockerHealthcheck(image)));
}

/** `deploy.restart_policy` and, where it is absent, `restart`. */
export function restartOf(service: Service): RestartPolicy {
  const policy = service.deploy?.restart_policy;
  if (policy) return deployRestart(policy);
  const [name, retries] = (service.restart ?? 'no').split(':');
  switch (name) {
    case 'no':
    case 'always':
    case 'unless-stopped':
      return { name, maxRetries: 0 };
    case 'on-failure':
      return { name, maxRetries: Number(retries ?? 0) };
    default:
      throw invalid(`restart: ${service.restart}: expected no, always, on-failure[:retries] or unless-stopped`);
  }
}

function deployRestart({ condition, max_attempts: attempts }: DeployRestart): RestartPolicy {
  switch (condition) {
    case 'none':
    case 'no':
      return { name: 'no', maxRetries: 0 };
    case 'on-failure':
      return { name: condition, maxRetries: Number(attempts ?? 0) };
    case 'unless-stopped':
      return { name: condition, maxRetries: 0 };
    default:
      return { name: 'always', maxRetries: 0 };
  }
}

/** `depends_on`, and what shares a network namespace or is linked. */
export function dependenciesOf(service: Service): Dependency[] {
  const declared = Object.entries(service.depends_on ?? {}).map(
    ([name, { condition, required, restart }]): Dependency => ({
      service: name,
      condition: condition as Dependency['condition'],
      required: required ?? true,
      restart: restart ?? false,
    }),
  );
  const known = new Set(declared.map((each) => each.service));
  const implied = [...linkTargets(service), ...sharedService(service)].filter((name) => !known.has(name));
  return [
    ...declared,
    ...[...new Set(implied)].map((name): Dependency => ({
      service: name,
      condition: 'service_started',
      required: true,
      restart: false,
    })),
  ];
}

/** `links` as written: `service` or `service:alias`. */
export function linksOf(service: Service): [alias: string, service: string][] {
  return (service.links ?? []).map((link) => {
    const [name = '', alias = name] = link.split(':');
    return [alias, name];
  });
}

function linkTargets(service: Service): string[] {
  return linksOf(service).map(([, name]) => name);
}

function sharedService(service: Service): string[] {
  const mode = service.network_mode ?? '';
  return mode.startsWith('service:') ? [mode.slice('service:'.length)] : [];
}

export function pullPolicyOf(service: Service): Container['pullPolicy'] {
  const policy = service.pull_policy ?? 'missing';
  if (policy === 'missing' || policy === 'always' || policy === 'never') return policy;
  if (policy === 'if_not_present') return 'missing';
  throw invalid(`pull_policy: ${policy}: expected missing, if_not_present, always or never`);
}
