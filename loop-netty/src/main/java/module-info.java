/// Netty pipelines over jloop's transports, so that Netty's codecs serve coroutines and protocols.
module dev.jloop.netty {
    requires transitive dev.jloop.core;
    requires transitive dev.jloop.transports;
    requires transitive io.netty.buffer;
    requires transitive io.netty.common;
    requires transitive io.netty.transport;
    requires static io.netty.handler;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.jloop.netty;
}
