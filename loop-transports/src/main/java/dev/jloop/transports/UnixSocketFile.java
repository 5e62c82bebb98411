package dev.jloop.transports;

import dev.jloop.core.Async;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/// The file of a Unix socket: it outlives a server that was killed, and a server must remove only
/// its own. See `docs/decisions/0025`.
final class UnixSocketFile {
    private static final Logger LOG = LoggerFactory.getLogger(UnixSocketFile.class);
    private static final int TYPE_BITS = 0xF000;
    private static final int SOCKET_TYPE = 0xC000;

    /// A file this new may be that of a server which is about to listen.
    private static final Duration NEW = Duration.ofSeconds(1);

    private static final Duration TIME_TO_LISTEN = Duration.ofMillis(50);

    /// Held for some system calls, and never while a coroutine waits: in one JVM nobody sees a file
    /// between `bind` and `listen`, and nobody moves one that another has just put there.
    private static final Object ONE_AT_A_TIME = new Object();

    private final Path path;
    private final Identity identity;

    private UnixSocketFile(Path path, Identity identity) {
        this.path = path;
        this.identity = identity;
    }

    /// Tells one file from another that took its place. A file system gives the key of a deleted
    /// file to the next one at once; nobody writes to a socket's file, so its time stays.
    private record Identity(@Nullable Object key, FileTime modified) {}

    /// Binds a channel. A file there is replaced if it is a socket on which nobody listens. May
    /// suspend.
    ///
    /// @return the file made
    static UnixSocketFile bind(
            ServerSocketChannel channel, UnixDomainSocketAddress address, int backlog)
            throws IOException {
        try {
            bindAlone(channel, address, backlog);
        } catch (BindException inUse) {
            if (!removeIfStale(address)) {
                throw inUse;
            }
            bindAlone(channel, address, backlog);
        }
        var path = ((UnixDomainSocketAddress) channel.getLocalAddress()).getPath();
        return new UnixSocketFile(path, identity(path));
    }

    private static void bindAlone(
            ServerSocketChannel channel, UnixDomainSocketAddress address, int backlog)
            throws IOException {
        synchronized (ONE_AT_A_TIME) {
            channel.bind(address, backlog); // listens, too
        }
    }

    /// {@return whether the path is free now, as far as one can know}
    private static boolean removeIfStale(UnixDomainSocketAddress address) throws IOException {
        var path = address.getPath();
        try {
            if (!isSocket(path)) {
                return false;
            }
            var stale = identity(path);
            if (somebodyListens(address)) {
                return false;
            }
            if (isNew(stale)) {
                Async.sleep(TIME_TO_LISTEN);
                if (somebodyListens(address)) {
                    return false;
                }
            }
            synchronized (ONE_AT_A_TIME) {
                return !somebodyListens(address) && remove(path, stale);
            }
        } catch (NoSuchFileException _) {
            return true; // its server has removed it
        }
    }

    private static boolean isNew(Identity file) {
        return file.modified().toInstant().isAfter(Instant.now().minus(NEW));
    }

    private static boolean isSocket(Path path) throws IOException {
        if (path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            var mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            return (mode & TYPE_BITS) == SOCKET_TYPE;
        }
        return attributes(path).isOther();
    }

    private static Identity identity(Path path) throws IOException {
        var attributes = attributes(path);
        return new Identity(attributes.fileKey(), attributes.lastModifiedTime());
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /// A server that does not let us in, or whose backlog is full, listens too.
    private static boolean somebodyListens(UnixDomainSocketAddress address) throws IOException {
        try (var probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            try {
                probe.connect(address);
                return true;
            } catch (IOException failure) {
                LOG.debug("probed {}", address, failure);
                return !String.valueOf(failure.getMessage()).contains("refused");
            }
        }
    }

    /// Moves the file aside first, so that it can be looked at where nobody replaces it: if another
    /// server has put its own there meanwhile, it is put back.
    private static boolean remove(Path path, Identity stale) throws IOException {
        if (!identity(path).equals(stale)) {
            return false;
        }
        var suffix = Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36);
        var aside = path.resolveSibling(".stale-" + suffix);
        Files.move(path, aside);
        if (identity(aside).equals(stale)) {
            Files.delete(aside);
            LOG.debug("removed {}, left by a server that has ended", path);
            return true;
        }
        putBack(aside, path);
        return false;
    }

    private static void putBack(Path aside, Path path) throws IOException {
        try {
            Files.createLink(path, aside); // unlike a move, it never replaces a file
        } catch (FileAlreadyExistsException third) {
            LOG.warn("two servers have bound {} at a time; one of them has lost it", path, third);
        } finally {
            Files.delete(aside);
        }
    }

    /// Removes the file, unless another one is in its place. To be called while the socket still
    /// listens: after that another server may take the file for stale, and put its own there.
    void remove() {
        try {
            if (identity(path).equals(identity)) {
                Files.delete(path);
            } else {
                LOG.debug("left {}, which is another server's", path);
            }
        } catch (NoSuchFileException _) {
            LOG.debug("{} was removed by somebody else", path);
        } catch (IOException failure) {
            LOG.warn("cannot remove {}; the next server that listens there will", path, failure);
        }
    }
}
