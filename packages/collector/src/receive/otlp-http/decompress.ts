import { RejectedError } from "@plumbline/contracts";
import type { Transform } from "node:stream";
import { constants, createGunzip, createInflate, createZstdDecompress } from "node:zlib";

const chunkSize = 65_536;
/** 8 MiB, what RFC 9659 allows for zstd over HTTP; a larger window would let a few bytes claim much memory. */
const zstdWindowLog = 23;

const decompressors: Record<string, (() => Transform) | null> = {
  "": null,
  identity: null,
  gzip: () => createGunzip({ chunkSize }),
  "x-gzip": () => createGunzip({ chunkSize }),
  deflate: () => createInflate({ chunkSize }),
  zstd: () => createZstdDecompress({ chunkSize, params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLog } }),
};

/** Value of the `Accept-Encoding` header of a 415 answer. */
export const supportedEncodings = "gzip, deflate, zstd, identity";

/**
 * The stream that undoes a `Content-Encoding`; null when there is nothing to undo.
 * @throws RejectedError `UNSUPPORTED_ENCODING`
 */
export function decompressorFor(contentEncoding: string | undefined): Transform | null {
  const name = (contentEncoding ?? "").trim().toLowerCase();
  const create = Object.hasOwn(decompressors, name) ? decompressors[name] : undefined;
  if (create === undefined) {
    throw new RejectedError(`The content encoding "${name}" is not supported.`, {
      code: "UNSUPPORTED_ENCODING",
      mend: `Use one of ${supportedEncodings}.`,
    });
  }
  return create === null ? null : create();
}
