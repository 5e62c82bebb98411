/// Streams of jloop: readers and writers over its transports.
module dev.jloop.streams {
    requires transitive dev.jloop.core;
    requires transitive dev.jloop.transports;
    requires static transitive org.jspecify;

    exports dev.jloop.streams;
}
