import { InvalidArgumentError } from "commander";
import { limitsSchema, type Limits } from "@plumbline/contracts";

export function choiceOf(choices: readonly string[]): (value: string) => string {
  return (value) => {
    if (!choices.includes(value)) throw new InvalidArgumentError(`One of ${choices.join(", ")} is needed.`);
    return value;
  };
}

export function positiveInteger(value: string): number {
  const parsed = Number(value);
  if (!Number.isInteger(parsed) || parsed < 1)
    throw new InvalidArgumentError("A whole number above 0 is needed.");
  return parsed;
}

/** Collects `--limit usd=5 --limit steps=60`. */
export function collectLimit(value: string, collected: Limits = {}): Limits {
  const [name = "", amount = ""] = value.split("=");
  const parsed = limitsSchema.strict().safeParse({ [name]: amount === "" ? Number.NaN : Number(amount) });
  if (!parsed.success) {
    const names = Object.keys(limitsSchema.shape).join(", ");
    throw new InvalidArgumentError(`A limit is written name=number, name one of ${names}.`);
  }
  return { ...collected, ...parsed.data };
}
