import { invalid, messageOf } from '#lib/common';
import type { FileReader, Project, Service } from '#lib/compose';

/**
 * The project with seccomp profiles themselves in place of their paths: they lie where the command is typed, and what is in
 * them is part of what is asked for.
 * @param chosen services; what others name need not be there
 */
export async function withProfiles(project: Project, chosen: readonly string[], reader: FileReader): Promise<Project> {
  const { seccompProfile } = await import('#lib/compose');
  const read = async (name: string, option: string) => {
    const profile = seccompProfile(option);
    return profile ? `seccomp=${await contentOf(`services.${name}`, profile.path, reader)}` : option;
  };
  const services = await Promise.all(
    Object.entries(project.services).map(async ([name, service]): Promise<[string, Service]> => {
      if (!service.security_opt || !chosen.includes(name)) return [name, service];
      const options = await Promise.all(service.security_opt.map((option) => read(name, option)));
      return [name, { ...service, security_opt: options }];
    }),
  );
  return { ...project, services: Object.fromEntries(services) };
}

async function contentOf(where: string, path: string, reader: FileReader): Promise<string> {
  const text = await reader.readFile(path).catch((error: unknown) => {
    throw invalid(`${where}: opening seccomp profile (${path}) failed: ${messageOf(error)}`, error);
  });
  try {
    JSON.parse(text);
  } catch (error) {
    throw invalid(`${where}: compacting json for seccomp profile (${path}) failed: ${messageOf(error)}`, error);
  }
  // Not written anew: a profile compares numbers of 64 bits.
  return text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');
}
