import { expect, test } from "vitest";
import { isAcknowledgement } from "./acknowledgement.ts";

test.each([
  "ok",
  "Saved.",
  '{"success":true}',
  "Todos have been modified successfully.",
  "The file has been updated.",
  "<p>Thank you</p>",
])("says no more than that the call arrived: %s", (result) => expect(isAcknowledgement(result)).toBe(true));

test.each([
  "",
  "0 rows",
  "Nothing has been changed.",
  "The parcel was delivered to 4 Hill Road",
  "The door is closed",
  "The file has been updated. Run the tests next, for two of them fail.",
])("says something: %s", (result) => expect(isAcknowledgement(result)).toBe(false));
