/// The bridge from jloop to threads, blocking work and subprocesses.
module dev.jloop.executor {
    requires transitive dev.jloop.core;
    requires transitive dev.jloop.transports;
    requires transitive dev.jloop.streams;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.jloop.executor;
}
