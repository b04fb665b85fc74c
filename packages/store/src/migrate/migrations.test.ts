import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { readMigrations } from "./migrations.ts";

test("every migration file is read, in order and without gaps", async () => {
  const migrations = await readMigrations();
  const files = await readdir(new URL("../../sql/", import.meta.url));
  expect(migrations.map((migration) => migration.name)).toEqual(
    files.toSorted((one, other) => (one < other ? -1 : 1)),
  );
  expect(migrations.map((migration) => migration.version)).toEqual(migrations.map((_, index) => index + 1));
});

test("every statement names the database plumbline and may run twice", async () => {
  for (const { statements } of await readMigrations()) {
    for (const statement of statements) {
      expect(statement).toMatch(
        /^(CREATE (DATABASE IF NOT EXISTS plumbline|(TABLE|MATERIALIZED VIEW|VIEW) IF NOT EXISTS plumbline\.|OR REPLACE VIEW plumbline\.)|ALTER TABLE plumbline\.\w+ (ADD COLUMN IF NOT EXISTS|MODIFY SETTING) )/,
      );
    }
  }
});

test("every column of every table and view has a comment", async () => {
  for (const { statements } of await readMigrations()) {
    for (const statement of statements.filter((text) => / ADD COLUMN /.test(text))) {
      expect(statement).toMatch(/ COMMENT '[^']+'/);
    }
    for (const statement of statements.filter((text) => /^CREATE (?!DATABASE)/.test(text))) {
      const [declared = ""] = statement.split("\n)", 1);
      const columns = declared
        .split("\n")
        .filter((line) => /^ {4}[`A-Z][\w.`]* [A-Z]/.test(line) && !/^ {4}INDEX/.test(line));
      expect(columns.length).toBeGreaterThan(0);
      expect(columns.filter((line) => !line.includes(" COMMENT '"))).toEqual([]);
      expect(statement).toMatch(/\nCOMMENT '[^']+'$/);
    }
  }
});
