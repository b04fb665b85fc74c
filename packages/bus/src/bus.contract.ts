import { describe } from "vitest";
import { deliveryCases } from "./contract/delivery.contract.ts";
import { groupCases, ownershipCases } from "./contract/groups.contract.ts";
import { type BusHarness, busCases } from "./contract/harness.contract.ts";
import { keepingCases, pressureCases, tailCases } from "./contract/tails.contract.ts";
import { topicCases } from "./contract/topics.contract.ts";

/** What every adapter of the bus port does. An adapter opts out of a capability only by name and with a reason. */
export function describeBus(name: string, harness: BusHarness): void {
  const busCase = busCases(harness);
  describe(`${name}: topics and publishing`, () => {
    topicCases(busCase);
  });
  describe(`${name}: delivery`, () => {
    deliveryCases(busCase);
  });
  describe(`${name}: commits`, () => {
    groupCases(busCase);
  });
  describe(`${name}: ownership`, () => {
    ownershipCases(busCase);
  });
  describe(`${name}: tails`, () => {
    tailCases(busCase);
  });
  describe(`${name}: compaction and retention`, () => {
    keepingCases(busCase);
  });
  describe(`${name}: back-pressure`, () => {
    pressureCases(busCase);
  });
}
