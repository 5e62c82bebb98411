package dev.jloop.core.engine;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.atomic.AtomicBoolean;

/// Chooses the engine.
public final class Engines {
    /// The name of the engine that mounts coroutines on the loop's thread.
    public static final String MOUNTED = "mounted";

    /// The name of the engine that passes a baton.
    public static final String BATON = "baton";

    /// The system property that names an engine.
    public static final String PROPERTY = "jloop.engine";

    private static final Logger LOG = LoggerFactory.getLogger(Engines.class);
    private static final AtomicBoolean ANNOUNCED = new AtomicBoolean();

    private Engines() {}

    /// {@return the engine of that name; for null the fast one where the JVM allows it, else the
    /// portable one, which an INFO line then says once}
    ///
    /// @param name [#MOUNTED], [#BATON] or null
    /// @throws IllegalStateException if the fast engine is named and the JVM does not allow it
    /// @throws IllegalArgumentException if no engine has that name
    public static CoroutineEngine choose(@Nullable String name) {
        return switch (name) {
            case null -> mountedOrBaton();
            case MOUNTED -> mounted();
            case BATON -> new BatonEngine();
            default ->
                    throw new IllegalArgumentException(
                            "unknown coroutine engine '"
                                    + name
                                    + "'; "
                                    + PROPERTY
                                    + " takes mounted or baton");
        };
    }

    private static CoroutineEngine mounted() {
        try {
            return MountedEngine.open();
        } catch (EngineUnavailableException unavailable) {
            throw new IllegalStateException(
                    "the coroutine engine 'mounted' was asked for, but "
                            + unavailable.getMessage()
                            + "; start java with "
                            + openFlag()
                            + ", or use -D"
                            + PROPERTY
                            + "=baton",
                    unavailable);
        }
    }

    private static CoroutineEngine mountedOrBaton() {
        try {
            return MountedEngine.open();
        } catch (EngineUnavailableException unavailable) {
            if (ANNOUNCED.compareAndSet(false, true)) {
                LOG.info(
                        "jloop uses its portable coroutine engine 'baton', because {}. "
                                + "The faster engine 'mounted' needs: {}",
                        unavailable.getMessage(),
                        openFlag());
            }
            return new BatonEngine();
        }
    }

    /// {@return the flag in the form that fits how jloop was loaded}
    static String openFlag() {
        return "--add-opens java.base/java.lang=" + JvmFlags.moduleName();
    }
}
