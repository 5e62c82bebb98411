/// The test kit of jloop: virtual time, seeded schedules, a JUnit extension, and contracts for
/// transports of your own.
///
/// JUnit is optional: [dev.jloop.testkit.VirtualTimeLoop] works without it. The contracts need
/// AssertJ too.
module dev.jloop.testkit {
    requires transitive dev.jloop.core;
    requires transitive dev.jloop.transports;
    requires transitive dev.jloop.streams;
    requires transitive dev.jloop.executor;
    requires org.slf4j;
    // Optional. Not transitive, or every module that requires this one would have to find them at
    // compile time.
    requires static org.junit.jupiter.api;
    requires static org.assertj.core;
    requires static transitive org.jspecify;

    exports dev.jloop.testkit;
    exports dev.jloop.testkit.contract;

    // JUnit makes the extension, and calls the tests of the contracts, by reflection.
    opens dev.jloop.testkit to
            org.junit.platform.commons;
    opens dev.jloop.testkit.contract to
            org.junit.platform.commons;
}
