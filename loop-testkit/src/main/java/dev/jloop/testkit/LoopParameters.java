package dev.jloop.testkit;

import dev.jloop.core.EventLoop;

import org.junit.jupiter.api.extension.ExtensionConfigurationException;

import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/// The types of the parameters that JUnit has injected for a run: what is added here may stand in
/// tests and in what comes before and after each.
final class LoopParameters {
    private static final Map<Class<?>, Function<LoopRun, Object>> SOURCES =
            Map.of(
                    VirtualTimeLoop.class, LoopRun::loop,
                    EventLoop.class, LoopRun::loop,
                    Random.class, LoopRun::random,
                    Recorder.class, run -> Recorder.on(run.loop()),
                    SimulatedNetwork.class, LoopParameters::network);

    private LoopParameters() {}

    /// Once there is one, the loop uses no other network, whatever the test says of real sockets.
    private static SimulatedNetwork network(LoopRun run) {
        if (run.usesRealSockets()) {
            throw new ExtensionConfigurationException(
                    "a test with realSockets = true has a SimulatedNetwork injected, so that its"
                            + " connections would be simulated ones; leave out one of the two");
        }
        return SimulatedNetwork.on(run.loop());
    }

    static boolean has(Class<?> type) {
        return SOURCES.containsKey(type);
    }

    /// {@return what `run` gives for a parameter of this type}
    ///
    /// @throws IllegalArgumentException if there is nothing of this type
    static Object of(Class<?> type, LoopRun run) {
        var source = SOURCES.get(type);
        if (source == null) {
            throw new IllegalArgumentException("a test on a loop has no parameter of " + type);
        }
        return source.apply(run);
    }
}
