/// An HTTP/1.1 server over Netty's codec: a coroutine for each connection, one request at a time.
@NullMarked
package dev.jloop.examples.http.server;

import org.jspecify.annotations.NullMarked;
