package dev.jloop.core.engine;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;

/// Who holds a lock of `java.util.concurrent`, which the JDK knows and does not tell.
public final class LockAccess {
    private static final Logger LOG = LoggerFactory.getLogger(LockAccess.class);

    private LockAccess() {}

    /// {@return the thread that holds `lock`; null where none does, or the package
    /// `java.util.concurrent.locks` is not open to this module}
    ///
    /// @param lock the lock
    public static @Nullable Thread ownerOf(AbstractOwnableSynchronizer lock) {
        var locks = AbstractOwnableSynchronizer.class;
        if (!locks.getModule().isOpen(locks.getPackageName(), LockAccess.class.getModule())) {
            return null;
        }
        try {
            return (Thread)
                    MethodHandles.privateLookupIn(locks, MethodHandles.lookup())
                            .findVirtual(
                                    locks,
                                    "getExclusiveOwnerThread",
                                    MethodType.methodType(Thread.class))
                            .invoke(lock);
        } catch (RuntimeException | Error unchecked) {
            throw unchecked;
        } catch (Throwable absent) {
            LOG.debug("this JDK does not tell the owner of {}", lock, absent);
            return null;
        }
    }
}
