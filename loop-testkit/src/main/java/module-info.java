/// The test kit of jloop: virtual time, seeded schedules and a JUnit extension.
///
/// JUnit is optional: [dev.jloop.testkit.VirtualTimeLoop] works without it.
module dev.jloop.testkit {
    requires transitive dev.jloop.core;
    requires transitive dev.jloop.transports;
    requires transitive dev.jloop.streams;
    requires transitive dev.jloop.executor;
    // Optional. Not transitive, or every module that requires this one would have to find them at
    // compile time.
    requires static org.junit.jupiter.api;
    requires static org.assertj.core;
    requires static transitive org.jspecify;

    exports dev.jloop.testkit;

    // JUnit makes the extension by reflection.
    opens dev.jloop.testkit to
            org.junit.platform.commons;
}
