import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { normaliseTelemetry } from "@plumbline/analyzer";
import { isPlumblineError, type Random } from "@plumbline/contracts";

const fixtures = new URL("../test/fixtures/spans/", import.meta.url);

/** A real request body by name. */
export interface Sample {
  name: string;
  bytes: Uint8Array;
}

/** All captured request bodies. */
export function captureSamples(): Sample[] {
  const folders = readdirSync(fixtures, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.flatMap(({ name }) =>
    readdirSync(new URL(`${name}/`, fixtures)).map((file) => ({
      name: `${name}/${file}`,
      bytes: new Uint8Array(gunzipSync(readFileSync(new URL(`${name}/${file}`, fixtures)))),
    })),
  );
}

type Mutation = (bytes: Uint8Array, random: Random) => Uint8Array;

const positionIn = (bytes: Uint8Array, random: Random): number => Math.floor(random.next() * bytes.length);

const setByte: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  copy[positionIn(bytes, random)] = Math.floor(random.next() * 256);
  return copy;
};
const cut: Mutation = (bytes, random) => bytes.slice(0, positionIn(bytes, random));
const remove: Mutation = (bytes, random) => {
  const from = positionIn(bytes, random);
  const to = Math.min(bytes.length, from + 1 + Math.floor(random.next() * 40));
  const shorter = new Uint8Array(bytes.length - (to - from));
  shorter.set(bytes.subarray(0, from));
  shorter.set(bytes.subarray(to), from);
  return shorter;
};
const repeat: Mutation = (bytes, random) => {
  const copy = bytes.slice();
  const from = positionIn(bytes, random);
  return copy.copyWithin(positionIn(bytes, random), from, from + 24);
};
const mutations: readonly Mutation[] = [setByte, setByte, setByte, setByte, remove, repeat, cut];

function mutated(sample: Sample, random: Random): Uint8Array {
  let { bytes } = sample;
  const rounds = 1 + Math.floor(random.next() * 5);
  for (let round = 0; round < rounds && bytes.length > 0; round += 1) {
    const mutate = mutations[Math.floor(random.next() * mutations.length)] ?? setByte;
    bytes = mutate(bytes, random);
  }
  return bytes;
}

export interface FuzzResult {
  read: number;
  refused: number;
}

/**
 * Sends damaged bodies through decode, recognise, affinity and assemble. Each must be read or refused with a reason.
 * @throws whatever was thrown that is no refusal, with the body's name
 */
export function fuzzTelemetry(samples: readonly Sample[], random: Random, rounds: number): FuzzResult {
  const result = { read: 0, refused: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const sample = samples[Math.floor(random.next() * samples.length)];
    if (sample === undefined) break;
    try {
      normaliseTelemetry([{ name: sample.name, bytes: mutated(sample, random) }]);
      result.read += 1;
    } catch (error) {
      if (!isPlumblineError(error) || error.nextMove !== "reject") {
        throw new Error(`Round ${String(round)} on ${sample.name}`, { cause: error });
      }
      result.refused += 1;
    }
  }
  return result;
}
