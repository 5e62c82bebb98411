/// Runnable programs over jloop, and the `jloop` command line.
module dev.jloop.examples {
    requires dev.jloop.core;
    requires dev.jloop.executor;
    requires dev.jloop.streams;
    requires dev.jloop.transports;
    requires info.picocli;
    requires org.slf4j;
    requires static org.jspecify;

    // Picocli makes the commands and sets their fields.
    opens dev.jloop.examples.cli to
            info.picocli;
}
