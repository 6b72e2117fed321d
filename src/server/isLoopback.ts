const loopback = /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i

/** Returns whether a name, with or without a port, is one of this machine's own. */
export const isLoopback = (host: string): boolean => loopback.test(host.replace(/:\d+$/, ""))
