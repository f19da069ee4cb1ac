-- What wrk sends in scripts/bench.sh, from the environment (a bearer does not belong among a process's arguments),
-- and one line of JSON when it is done.
wrk.method = "POST"
wrk.body = os.getenv("BENCH_BODY") or ""
wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")
wrk.headers["Content-Type"] = os.getenv("BENCH_CONTENT_TYPE")

-- A file of bearers, a line each: every request is another one's.
local bearers = os.getenv("BENCH_BEARERS") or ""
if bearers ~= "" then
  local prepared, turn = {}, 0
  function init()
    for bearer in io.lines(bearers) do
      prepared[#prepared + 1] = wrk.format(nil, nil, {
        ["Host"] = wrk.headers["Host"],
        ["Authorization"] = "Bearer " .. bearer,
        ["Content-Type"] = os.getenv("BENCH_CONTENT_TYPE"),
      })
    end
  end

  function request()
    turn = turn % #prepared + 1
    return prepared[turn]
  end
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('\n{"requests":%d,"seconds":%.3f,"p50_ms":%.3f,"p99_ms":%.3f,"failed":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, failed))
end
