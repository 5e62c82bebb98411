package dev.jloop.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jloop.core.Async;
import dev.jloop.core.TimedOutException;

import java.time.Duration;

/// The test that the README shows.
class ReadmeExampleTest {
    @LoopTest
    void aSlowPeerIsGivenUp(VirtualTimeLoop loop) {
        assertThatThrownBy(() ->
                        Async.withTimeout(Duration.ofHours(1), () -> loop.createFuture().await()))
                .isInstanceOf(TimedOutException.class);
        // An hour of loop time has passed, and no real time.
    }
}
