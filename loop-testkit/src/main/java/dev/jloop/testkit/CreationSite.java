package dev.jloop.testkit;

import org.jspecify.annotations.Nullable;

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
                || origin == VirtualTimeLoop.class.getProtectionDomain();
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
        return NOT_THE_USERS.stream().noneMatch(name::startsWith) && !isOfTestkit(name);
    }

    /// The package may have tests in it too, and packages below this one are its users.
    private static boolean isOfTestkit(String className) {
        if (!className.startsWith(PACKAGE) || className.indexOf('.', PACKAGE.length()) >= 0) {
            return false;
        }
        try {
            var type = Class.forName(className, false, CreationSite.class.getClassLoader());
            return type.getProtectionDomain() == CreationSite.class.getProtectionDomain();
        } catch (ClassNotFoundException elsewhere) {
            return false; // then another class loader has it, and it is none of these
        }
    }
}
