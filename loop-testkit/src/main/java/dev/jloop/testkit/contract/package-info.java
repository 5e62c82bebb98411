/// Test suites that a transport, a network or a stream of your own has to pass, as those of jloop
/// do: extend [dev.jloop.testkit.contract.TransportContract] or
/// [dev.jloop.testkit.contract.StreamContract], say on which loop to run, and JUnit does the rest.
///
/// The suites need JUnit Jupiter and AssertJ on the path of the tests. Both are optional
/// dependencies of this module, so name them in your own build.
/// [dev.jloop.testkit.contract.RecordingProtocol] needs neither.
@NullMarked
package dev.jloop.testkit.contract;

import org.jspecify.annotations.NullMarked;
