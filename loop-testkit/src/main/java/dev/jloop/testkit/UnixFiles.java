package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// The files of Unix sockets on a simulated host. No real file is made. As real ones they outlive
/// whoever listened, and the crash of their host, unless somebody removes them.
final class UnixFiles {
    /// What Linux allows, with a byte for the end.
    private static final int LONGEST_PATH = 107;

    private final Map<String, SimulatedListener> makers = new HashMap<>();

    /// Makes the file of a listener.
    ///
    /// @param replacesStale whether the file of somebody who listens no more is replaced
    /// @throws BindException if the file is there and stays
    void make(UnixEnd at, SimulatedListener maker, boolean replacesStale) throws BindException {
        var other = makers.get(at.file());
        if (other != null && (other.isOpen() || !replacesStale)) {
            throw new BindException("Address already in use");
        }
        makers.put(at.file(), maker);
    }

    /// Removes the file of a listener. One that listens on a host that has crashed has made none,
    /// and what is there is somebody else's.
    void remove(UnixEnd at, SimulatedListener maker) {
        makers.remove(at.file(), maker);
    }

    /// {@return who listens there, or null}
    @Nullable SimulatedListener listener(UnixEnd at) {
        var maker = makers.get(at.file());
        return maker != null && maker.isOpen() ? maker : null;
    }

    /// Throws what connecting fails with where nobody listens.
    void checkListener(UnixEnd at) throws SocketException {
        if (!makers.containsKey(at.file())) {
            throw new SocketException("No such file or directory");
        }
        if (listener(at) == null) {
            throw new ConnectException("Connection refused");
        }
    }

    /// {@return `at`, with a path that a system would take}
    static UnixEnd checked(UnixEnd at) throws SocketException {
        if (at.path().isEmpty()) {
            throw new SocketException("a Unix socket needs a path, and this one is empty");
        }
        if (at.path().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH) {
            throw new SocketException("Unix domain path too long");
        }
        return at;
    }
}
