-- What wrk sends and says. The arguments are a header's name and a file with its values, one a line; with several values
-- each request takes the next one, so that users come in turn.
local requests, last = {}, 0

function init(args)
  for value in io.lines(args[2]) do
    requests[#requests + 1] = wrk.format("GET", nil, { Host = wrk.headers["Host"], [args[1]] = value })
  end
  math.randomseed(os.time())
  last = math.random(#requests) -- a short run isn't always about the first ones
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary, latency, _)
  local e = summary.errors
  io.write(string.format('\nRESULT {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"failed":%d,"refused":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.timeout, e.status))
end
