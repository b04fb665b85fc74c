import type { Signal } from "../receive/signal.ts";
import { contentKey } from "./content-key.ts";
import { pack } from "./pack.ts";
import { bytesOf, readProtobuf } from "./read-protobuf.ts";
import type { SplitLimits, SplitResult } from "./split-result.ts";
import { writeProtobuf } from "./write-protobuf.ts";

/**
 * Splits an export request in binary protobuf into one request per trace, without decoding its items: their bytes,
 * their resource and scope and all unknown fields stay as they are.
 * @throws RejectedError when the bytes are no export request at all
 */
export function splitProtobuf(body: Uint8Array, signal: Signal, limits: SplitLimits): SplitResult {
  const request = readProtobuf(body, signal, limits);
  const { rejections } = request;
  const planned = pack(request.items, { rootBytes: bytesOf(request.others), limits, rejections });
  const [only] = planned;
  const whole = only?.items.length === request.seen && body.length <= limits.maxRecordBytes;
  const records = planned.map(({ key, items }) => {
    const value = whole ? body : writeProtobuf(body, request, items);
    return { key: key ?? contentKey(value), value };
  });
  return { records, accepted: request.seen - rejections.count, rejections, warning: "" };
}
