import { spawnSync } from "node:child_process"

/** Runs a program and returns what it printed on standard output; what it printed at all, if it failed, is the error. */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> }
): string => {
  const { error, status, stderr, stdout } = spawnSync(command, args, {
    cwd: options.cwd,
    encoding: "utf8",
    env: { ...process.env, ...options.env },
    maxBuffer: 64 * 1024 * 1024
  })
  if (error !== undefined || status !== 0) {
    throw new Error(`${command} ${args.join(" ")} failed:\n${error?.message ?? `${stdout}${stderr}`}`)
  }
  return stdout
}
