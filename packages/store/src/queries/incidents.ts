import type { Incident } from "@plumbline/contracts";
import { databaseName } from "../rows/tables.ts";
import type { Store } from "../store.ts";

interface IncidentRow {
  incidentId: string;
  kind: Incident["kind"];
  toolName: string;
  runIds: string[];
  firstAtMs: string;
  lastAtMs: string;
  wastedUsd: number;
  summary: string;
}

const microUsdPerUsd = 1_000_000;

const columns = `
  IncidentId AS incidentId, Kind AS kind, Tool AS toolName, RunIds AS runIds,
  toUnixTimestamp64Milli(FirstAt) AS firstAtMs, toUnixTimestamp64Milli(LastAt) AS lastAtMs,
  WastedUsd AS wastedUsd, LastSummary AS summary`;

const toIncident = ({ firstAtMs, lastAtMs, wastedUsd, ...rest }: IncidentRow): Incident => ({
  ...rest,
  firstAtMs: Number(firstAtMs),
  lastAtMs: Number(lastAtMs),
  wastedMicroUsd: wastedUsd * microUsdPerUsd,
});

/** Incidents that a run is part of, the newest first. */
export async function incidentsOfRun(
  store: Store,
  run: { tenantId: string; runId: string },
): Promise<Incident[]> {
  const rows = await store.query<IncidentRow>({
    sql: `SELECT ${columns} FROM ${databaseName}.v_incidents
      WHERE TenantId = {tenantId:String} AND has(RunIds, {runId:String}) ORDER BY LastAt DESC LIMIT 20`,
    parameters: { tenantId: run.tenantId, runId: run.runId },
  });
  return rows.map(toIncident);
}

export async function findIncident(
  store: Store,
  incident: { tenantId: string; incidentId: string },
): Promise<Incident | undefined> {
  const rows = await store.query<IncidentRow>({
    sql: `SELECT ${columns} FROM ${databaseName}.v_incidents
      WHERE TenantId = {tenantId:String} AND IncidentId = {incidentId:String} LIMIT 1`,
    parameters: incident,
  });
  return rows.map(toIncident)[0];
}
