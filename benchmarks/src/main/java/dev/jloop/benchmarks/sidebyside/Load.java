package dev.jloop.benchmarks.sidebyside;

import java.io.IOException;
import java.time.Duration;

/// Sends requests of one kind.
interface Load {
    /// Loads a server, first without a measurement. Suspends.
    ///
    /// @param warmUp how long before it is measured
    /// @param length how long it is measured
    Round measure(Server server, Duration warmUp, Duration length) throws IOException;

    /// Loads a server while its system calls are counted. Suspends.
    ///
    /// @return system calls for each request
    double countSystemCalls(Server server, SystemCalls systemCalls) throws IOException;
}
