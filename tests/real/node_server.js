// SPDX-License-Identifier: GPL-2.0
// node_server.js PORT: an HTTP server. At SIGTERM it prints what it has done as KEY=VALUE.
'use strict';
const http = require('http');
let accepts = 0, requests = 0;

const server = http.createServer((request, response) => {
	requests++;
	response.end('hello\n');
});
server.on('connection', () => accepts++);
server.listen(Number(process.argv[2]), '127.0.0.1');
process.on('SIGTERM', () => {
	console.log(`accepts=${accepts}\nrequests=${requests}`);
	process.exit(0);
});
