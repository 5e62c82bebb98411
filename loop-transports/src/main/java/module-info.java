/// Transports and protocols of jloop: sockets, servers, TLS and flow control on the event loop.
module dev.jloop.transports {
    requires transitive dev.jloop.core;
    requires transitive io.netty.buffer;
    requires io.netty.common;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.jloop.transports;
}
