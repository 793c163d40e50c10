import { describe, expect, it } from 'vitest';
import { planService } from './service-files.js';

const settings = {
  dataRoot: '/d',
  execRoot: '/e',
  insecureRegistries: ['reg:5000'],
  runtime: 'runc',
  monitor: '/s/bin/skep-conmon',
  seccompProfile: '{"archMap": []}',
};
const plan = planService(settings, { PATH: '/bin', HOME: '/root', https_proxy: 'http://p', SECRET: 's' });

describe('planService', () => {
  it('keeps everything below the two roots', () => {
    expect(plan.socketPath).toBe('/e/podman.sock');
    for (const path of Object.keys(plan.files)) expect(path).toMatch(/^\/e\/config\//);
    expect(plan.argv.join(' ')).toBe(
      'podman --runtime runc --root /d --runroot /e/run --tmpdir /e/tmp --storage-driver overlay ' +
        '--max-workers 100 system service -t 0 unix:///e/podman.sock',
    );
  });

  it('passes on how registries are reached and nothing else of the environment', () => {
    expect(plan.env).toMatchObject({ PATH: '/bin', HOME: '/e/config/home', https_proxy: 'http://p' });
    expect(plan.env).not.toHaveProperty('SECRET');
  });

  it('names insecure registries, those of this machine among them', () => {
    expect(plan.files['/e/config/registries.conf']).toContain('location = "127.0.0.1"\ninsecure = true');
    expect(plan.files['/e/config/registries.conf']).toContain('location = "reg:5000"\ninsecure = true');
  });

  it("gives the monitors the service's configuration", () => {
    const conf = plan.files['/e/config/containers.conf'];
    expect(conf).toContain('"CONTAINERS_CONF=/e/config/containers.conf"');
    expect(conf).toContain('lock_type = "file"');
  });

  it("has a seccomp profile of its own where the machine has one, else Podman's", () => {
    expect(plan.files['/e/config/containers.conf']).toContain('seccomp_profile = "/e/config/seccomp.json"');
    expect(plan.files['/e/config/seccomp.json']).toBe('{"archMap":[]}');
    const { files } = planService({ ...settings, seccompProfile: undefined }, {});
    expect(files['/e/config/containers.conf']).not.toContain('seccomp_profile');
    expect(files).not.toHaveProperty('/e/config/seccomp.json');
  });
});
