package dev.jloop.testkit;

import dev.jloop.transports.DatagramOptions;

/// How far datagrams to multicast groups go.
///
/// @param here whether they are heard on the host that sends them
/// @param elsewhere whether they leave it
record GroupReach(boolean here, boolean elsewhere) {
    static GroupReach of(DatagramOptions options) {
        return new GroupReach(options.multicastLoopback(), options.multicastTtl() > 0);
    }
}
