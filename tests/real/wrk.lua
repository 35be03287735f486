-- SPDX-License-Identifier: GPL-2.0
-- Ends the one thread of wrk, which knows only a duration, after so many answers; the file that
-- this makes tells the test that it may wake the main thread.
local answers = 0
local limit = tonumber(os.getenv("COUNT"))

function response()
	answers = answers + 1
	if answers == limit then
		wrk.thread:stop()
		local file = io.open(os.getenv("WRK_DONE"), "w")
		file:write("done")
		file:close()
	end
end

function done(summary)
	local e = summary.errors
	print("requests=" .. summary.requests)
	print("errors=" .. e.connect + e.read + e.write + e.status + e.timeout)
end
