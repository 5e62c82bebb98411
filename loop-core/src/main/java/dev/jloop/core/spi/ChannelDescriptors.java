package dev.jloop.core.spi;

import dev.jloop.core.engine.JvmFlags;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.Channel;

/// Tells the file descriptors of the JDK's channels, which it does not publish.
final class ChannelDescriptors {
    private static final String PACKAGE = "sun.nio.ch";

    /// Static and final, so that the JIT compiler calls straight through them. Filled when the
    /// package is known to be exported.
    private static final class Handles {
        static final Class<?> CHANNEL;
        static final MethodHandle DESCRIPTOR;

        static {
            try {
                CHANNEL = Class.forName(PACKAGE + ".SelChImpl");
                DESCRIPTOR =
                        MethodHandles.lookup()
                                .findVirtual(CHANNEL, "getFDVal", MethodType.methodType(int.class))
                                .asType(MethodType.methodType(int.class, Channel.class));
            } catch (ReflectiveOperationException unusable) {
                throw new ExceptionInInitializerError(unusable);
            }
        }

        private Handles() {}
    }

    private ChannelDescriptors() {}

    /// {@return whether they can be had} `false` where the package is not exported.
    static boolean areExported() {
        var jdk = Object.class.getModule();
        return jdk.isExported(PACKAGE, ChannelDescriptors.class.getModule());
    }

    /// {@return the flag that exports the package, in the form that fits how jloop was loaded}
    static String exportFlag() {
        return "--add-exports java.base/" + PACKAGE + "=" + JvmFlags.moduleName();
    }

    static boolean has(Channel channel) {
        return Handles.CHANNEL.isInstance(channel);
    }

    /// {@return the descriptor of a channel that [#has(Channel)] one, also where it is closed}
    static int of(Channel channel) {
        try {
            return (int) Handles.DESCRIPTOR.invokeExact(channel);
        } catch (RuntimeException | Error unchecked) {
            throw unchecked;
        } catch (Throwable checked) {
            throw new IllegalStateException("getFDVal threw a checked exception", checked);
        }
    }
}
