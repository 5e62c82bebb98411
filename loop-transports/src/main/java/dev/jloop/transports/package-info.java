/// Connections: transports that carry bytes, protocols that take their events, and servers.
///
/// Start with [dev.jloop.transports.Net]. Types belong to the thread of one loop unless noted.
@NullMarked
package dev.jloop.transports;

import org.jspecify.annotations.NullMarked;
