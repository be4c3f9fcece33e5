// Starts an analysis, follows it, reads what it found, is refused, cancels one: all with the generated types.
//
//   node built/analyze.js http://127.0.0.1:8000 [KEY]

import assert from "node:assert/strict";
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./generated/api.js";

type Api = Client<paths>;
type RunEvent = components["schemas"]["RunEvent"];
type ErrorBody = components["schemas"]["ErrorBody"];

function connect(baseUrl: string, key?: string): Api {
  return createClient<paths>({ baseUrl, headers: key === undefined ? {} : { Authorization: `Bearer ${key}` } });
}

// The stream brings every event once, and ends with the run.
async function* events(api: Api, run_id: number): AsyncGenerator<RunEvent> {
  const { data } = await api.GET("/runs/{run_id}/stream", { params: { path: { run_id } }, parseAs: "stream" });
  assert(data);
  const lines = data.pipeThrough(new TextDecoderStream());
  let rest = "";
  for await (const text of lines) {
    const messages = (rest + text).split("\n\n");
    rest = messages.pop() ?? "";
    for (const message of messages) {
      if (!message.startsWith("id:")) continue; // progress, heartbeats and the end have no id
      yield JSON.parse(message.slice(message.indexOf("\ndata:") + 6)) as RunEvent;
    }
  }
}

async function analyze(api: Api) {
  const started = await api.POST("/analyze", { params: { header: { "Idempotency-Key": "typescript-1" } } });
  assert(started.data);
  const { run_id } = started.data.data;
  for await (const event of events(api, run_id)) {
    console.log(event.event_seq, event.event_type, event.payload.phase_label ?? "");
  }
  const result = await api.GET("/runs/{run_id}/result", { params: { path: { run_id } } });
  assert(result.data);
  for (const signal of result.data.data.result.signals) {
    console.log(signal.ticker, signal.prediction, signal.confidence);
  }
  return result.data.data;
}

// Either `data` or `error` is there; an error's `code` never changes its meaning.
function isRefused(answer: { error?: ErrorBody; response: Response }, status: number, code: string) {
  assert.equal(answer.response.status, status);
  assert.equal(answer.error?.error.code, code);
  return answer.error.error.details;
}

async function refusals(api: Api): Promise<number> {
  const started = await api.POST("/analyze");
  assert(started.data);
  const { run_id } = started.data.data;
  const conflict = isRefused(await api.POST("/analyze"), 409, "ANALYSIS_ALREADY_RUNNING");
  assert.equal(conflict?.active_run?.run_id, run_id);

  const invalid = await api.POST("/analyze", { body: { options: { post_limit: 101 } } });
  const details = isRefused(invalid, 422, "VALIDATION_ERROR");
  assert.deepEqual([details?.field, details?.constraint], ["options.post_limit", "maximum"]);

  const unknown = await api.GET("/runs/{run_id}/status", { params: { path: { run_id: 999_999 } } });
  isRefused(unknown, 404, "NOT_FOUND");
  return run_id;
}

async function cancel(api: Api, run_id: number): Promise<void> {
  const params = { path: { run_id } };
  const canceled = await api.POST("/runs/{run_id}/cancel", { params, body: { reason: "seen enough" } });
  assert(canceled.data?.data.accepted);
  for await (const event of events(api, run_id)) {
    console.log(event.event_seq, event.event_type);
  }
  const status = await api.GET("/runs/{run_id}/status", { params });
  assert.equal(status.data?.data.status, "canceled");
}

async function main(base: string, key?: string): Promise<void> {
  const api = connect(base, key);
  const { run_id, result, result_kind } = await analyze(api);
  assert.equal(result_kind, "final");
  assert(result.signals.length > 0);
  const status = await api.GET("/runs/{run_id}/status", {
    params: { path: { run_id }, header: { Prefer: "wait=1" } },
  });
  assert.equal(status.data?.data.status, "completed");
  const listed = await api.GET("/signals", { params: { query: { limit: 100 } } });
  const ids = new Set(listed.data?.data.map((signal) => signal.id));
  assert(result.signals.every((signal) => ids.has(signal.id)));

  await cancel(api, await refusals(api));
  console.log("typescript: all of it works");
}

const [base, key] = process.argv.slice(2);
assert(base, "the address of a server is missing");
await main(base, key);
