package dev.jloop.core;

import org.jspecify.annotations.Nullable;

/// How messages describe the objects of a user: short, and whatever their `toString` does.
final class Descriptions {
    private static final int LONGEST = 200;

    private Descriptions() {}

    static String of(@Nullable Object object) {
        String text;
        try {
            text = String.valueOf(object);
        } catch (Throwable broken) { // checked ones too, which some compilers let through
            Failures.rethrowIfFatal(broken);
            return "(a "
                    + className(object)
                    + " whose toString failed with "
                    + broken.getClass().getName()
                    + ")";
        }
        return text.length() <= LONGEST
                ? text
                : text.substring(0, LONGEST) + "... (" + text.length() + " characters)";
    }

    private static String className(@Nullable Object object) {
        return object == null ? "null" : object.getClass().getName();
    }
}
