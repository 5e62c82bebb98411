package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

import java.security.ProtectionDomain;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// Where in the user's code something was made.
final class CreationSite {
    private static final int MOST_FRAMES = 6;

    /// What stands between the user's call and the object that it makes.
    private static final List<String> NOT_THE_USERS =
            List.of(
                    "dev.jloop.core.",
                    "dev.jloop.transports.",
                    "dev.jloop.streams.",
                    "dev.jloop.executor.",
                    "io.netty.",
                    "java.",
                    "jdk.",
                    "org.junit.");

    private static final String PACKAGE = CreationSite.class.getPackageName() + ".";

    private static final String NETTY_PACKAGE = "dev.jloop.netty.";

    /// Of the module that the kit does without; null where it is not there.
    private static final @Nullable ProtectionDomain NETTY = originOf("dev.jloop.netty.NettyServer");

    /// Asked for each callback and each future.
    private static final ClassValue<Boolean> OF_JLOOP =
            new ClassValue<>() {
                @Override
                protected Boolean computeValue(Class<?> type) {
                    return comesWithJloop(type);
                }
            };

    private CreationSite() {}

    /// {@return whether the class of `subject` comes with jloop, so that what it belongs to is
    /// reported in its place} Lambdas belong to where they are written.
    static boolean isOfJloop(Object subject) {
        return OF_JLOOP.get(subject.getClass());
    }

    private static boolean comesWithJloop(Class<?> type) {
        var origin = type.getProtectionDomain();
        return origin == dev.jloop.core.EventLoop.class.getProtectionDomain()
                || origin == dev.jloop.transports.Transport.class.getProtectionDomain()
                || origin == dev.jloop.streams.StreamReader.class.getProtectionDomain()
                || origin == dev.jloop.executor.Offload.class.getProtectionDomain()
                || origin == VirtualTimeLoop.class.getProtectionDomain()
                || origin == NETTY;
    }

    /// {@return where a class comes from, or null where the kit's class loader does not have it}
    private static @Nullable ProtectionDomain originOf(String className) {
        try {
            return Class.forName(className, false, CreationSite.class.getClassLoader())
                    .getProtectionDomain();
        } catch (ClassNotFoundException | LinkageError absent) {
            return null;
        }
    }

    /// {@return the innermost frames of the user, one in each line, indented}
    ///
    /// @param site null where none was kept
    static String describe(@Nullable Throwable site) {
        return site == null
                ? "        (created where no debug mode was on)"
                : frames(site.getStackTrace(), "        created at ");
    }

    /// {@return the innermost frames of the user, or of anybody where there are none}
    static String frames(StackTraceElement[] stack, String firstIndent) {
        var users = Arrays.stream(stack).filter(CreationSite::isOfUser).toList();
        var indent = " ".repeat(firstIndent.length() - "at ".length()) + "at ";
        return (users.isEmpty() ? List.of(stack) : users)
                .stream()
                        .limit(MOST_FRAMES)
                        .map(StackTraceElement::toString)
                        .collect(
                                Collectors.joining(
                                        System.lineSeparator() + indent, firstIndent, ""));
    }

    static boolean isOfUser(StackTraceElement frame) {
        return isOfUser(frame.getClassName());
    }

    static boolean isOfUser(String name) {
        return NOT_THE_USERS.stream().noneMatch(name::startsWith)
                && !isOf(PACKAGE, VirtualTimeLoop.class.getProtectionDomain(), name)
                && !isOf(NETTY_PACKAGE, NETTY, name);
    }

    /// The package may have tests in it too, and packages below it are its users.
    private static boolean isOf(
            String itsPackage, @Nullable ProtectionDomain itsOrigin, String className) {
        return itsOrigin != null
                && className.startsWith(itsPackage)
                && className.indexOf('.', itsPackage.length()) < 0
                && originOf(className) == itsOrigin;
    }
}
