// node server.js echo|http. Prints "listening PORT" and serves until standard input ends.
'use strict';
const server = process.argv[2] === 'http'
    ? require('http').createServer((request, response) => {
        response.sendDate = false;
        response.writeHead(200, {'Content-Type': 'text/plain', 'Content-Length': 13});
        response.end('Hello, World!');
    })
    : require('net').createServer({noDelay: true}, (socket) => {
        socket.on('error', () => {});
        socket.pipe(socket);
    });
server.keepAliveTimeout = 0; // no header that tells of it
process.stdin.resume().on('end', () => process.exit(0));
server.listen({port: 0, host: '127.0.0.1', backlog: 4096}, () => {
    console.log('listening ' + server.address().port);
});
