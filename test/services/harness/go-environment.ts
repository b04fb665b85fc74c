/** For `go build`: the installed toolchain, no C, and no look at the repository around the cache. */
export const goEnvironment = {
  GOTOOLCHAIN: "local",
  CGO_ENABLED: "0",
  GOFLAGS: "-buildvcs=false -modcacherw",
} as const;
