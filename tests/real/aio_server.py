#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""aio_server.py PORT: answer each line with its capitals, with asyncio's streams.

At SIGTERM it prints what it has done as KEY=VALUE.
"""

import asyncio
import collections
import signal
import sys

done = collections.Counter(accepts=0, messages=0, closes=0)


async def serve(reader, writer):
    """One connection."""
    done["accepts"] += 1
    while line := await reader.readline():
        done["messages"] += 1
        writer.write(line.upper())
        await writer.drain()
    done["closes"] += 1
    writer.close()


async def main():
    """Until SIGTERM."""
    term = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, term.set)
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    await term.wait()
    server.close()


asyncio.run(main())
print(*(f"{key}={value}" for key, value in done.items()), sep="\n")
