-- One request of a benchmark, told by the environment: BENCH_QUERY with "%d" where a number makes it distinct,
-- BENCH_DISTINCT to make it so, BENCH_TAG to send an entity tag, BENCH_FIRST where to begin counting.
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("id", threads)
end

local function encoded(text)
  return (text:gsub("[^%w]", function(character) return string.format("%%%02X", string.byte(character)) end))
end

function init(args)
  query = encoded(os.getenv("BENCH_QUERY")):gsub("%%25d", "\0")
  distinct = os.getenv("BENCH_DISTINCT") == "1"
  number = tonumber(os.getenv("BENCH_FIRST") or "0") + id * 10000000
  wrk.headers["Accept"] = "application/sparql-results+json"
  wrk.headers["If-None-Match"] = os.getenv("BENCH_TAG")
end

function request()
  if distinct then number = number + 1 end
  return wrk.format("GET", wrk.path .. "?query=" .. query:gsub("%z", tostring(number)))
end

function done(summary, latency, requests)
  local failed = summary.errors
  print(string.format("RESULT %f %f %d", summary.requests / (summary.duration / 1e6), latency:percentile(99) / 1000,
    failed.connect + failed.read + failed.write + failed.status + failed.timeout))
end
