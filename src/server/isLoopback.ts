const loopback = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i

/** Returns whether a host name, with or without a port, names this machine. */
export const isLoopback = (host: string): boolean => loopback.test(host.replace(/:\d+$/, ""))
