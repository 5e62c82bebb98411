/// Runnable programs over jloop, and the `jloop` command line.
module dev.jloop.examples {
    requires dev.jloop.core;
    requires dev.jloop.executor;
    requires dev.jloop.netty;
    requires dev.jloop.streams;
    requires dev.jloop.transports;
    requires info.picocli;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.common;
    requires io.netty.transport;
    requires java.management;
    requires jdk.attach;
    requires org.slf4j;
    requires static org.jspecify;
    // The connector that reaches another JVM; it is found as a service.
    requires java.management.rmi;

    // Picocli makes the commands and sets their fields.
    opens dev.jloop.examples.cli to
            info.picocli;
}
